"""The audit's pages: an administrator reads the own platform's entries, and can check and export the chain."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.audit.export import verify_export
from lti_tool.accounts.models import Course, Person
from lti_tool.administration.audit.tasks import sign
from lti_tool.lti.models import Deployment, Platform, Registration
from lti_tool.runtime import Runtime


@pytest.fixture
def foreign_course(session: Session) -> Course:
    """A course of another platform, where somebody did something."""
    platform = Platform(issuer="http://elsewhere.test")
    registration = Registration(
        platform=platform, client_id="c", authorization_endpoint="", token_endpoint="", keyset_url=""
    )
    course = Course(deployment=Deployment(registration=registration, deployment_id="1"), context_id="1")
    session.add(course)
    session.flush()
    stranger = Person(platform_id=platform.id, sub="1")
    session.add(stranger)
    session.flush()
    audit.record(session, "foreign.course", course_id=course.id, actor_id=stranger.id)
    audit.record(session, "foreign.site", actor_id=stranger.id)
    return course


def test_an_administrator_reads_who_did_what(enter: Any, house: Any, session: Session) -> None:
    audit.record(session, "grade.approved", course_id=house.course.id, actor_id=house.teacher.id, object_type="grade")
    words = enter("administrator").page("site/audit/").get_text()
    assert "grade.approved" in words and "Canary" not in words


def test_an_administrator_reads_nothing_of_another_platform(enter: Any, foreign_course: Course) -> None:
    assert "foreign." not in enter("administrator").get("site/audit/").text


@pytest.mark.parametrize("name", ["teacher", "student", "outsider"])
@pytest.mark.parametrize("path", ["", "export"])
def test_only_administrators_read_the_audit(enter: Any, name: str, path: str) -> None:
    assert enter(name).get(f"site/audit/{path}").status_code == 403


def test_entries_are_filtered_by_action(enter: Any, house: Any, session: Session) -> None:
    for action in ("grade.approved", "grade.pushed"):
        audit.record(session, action, course_id=house.course.id)
    rows = enter("administrator").page("site/audit/?action=grade.pushed").select("tbody tr")
    assert len(rows) == 1 and "grade.pushed" in rows[0].get_text()


@pytest.mark.parametrize(("query", "shown"), [("first=2999-01-01", False), ("last=2999-01-01", True)])
def test_entries_are_filtered_by_day(enter: Any, house: Any, session: Session, query: str, shown: bool) -> None:
    audit.record(session, "grade.approved", course_id=house.course.id)
    rows = enter("administrator").page(f"site/audit/?{query}").select_one("tbody")
    assert ("grade.approved" in rows.get_text()) is shown


def test_a_day_that_is_none_is_refused(enter: Any) -> None:
    assert enter("administrator").get("site/audit/?first=yesterday").status_code == 400


def test_older_entries_are_on_the_next_page(enter: Any, house: Any, session: Session) -> None:
    for number in range(51):
        audit.record(session, "grade.approved", course_id=house.course.id, object_id=number)
    browser = enter("administrator")
    first = browser.page("site/audit/")
    assert first.find("a", string="Older") and len(first.select("tbody tr")) == 50
    assert len(browser.page("site/audit/?page=2").select("tbody tr")) == 1


def test_an_intact_audit_is_said_to_be_intact(enter: Any, session: Session) -> None:
    audit.record(session, "grade.approved")
    browser = enter("administrator")
    assert "The audit is intact." in browser.follow(browser.post("site/audit/verify")).get_text()


def test_damage_is_shown_with_its_number(enter: Any, session: Session) -> None:
    audit.record(session, "grade.approved")
    audit.verify(session)
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text("UPDATE audit_entry SET actor_id = 99"))
    session.execute(text("SET session_replication_role = origin"))
    answer = enter("administrator").post("site/audit/verify")
    assert "is not what was sealed" in answer.text


def test_an_export_can_be_checked_and_keeps_another_platforms_content(
    enter: Any, session: Session, foreign_course: Course
) -> None:
    audit.record(session, "key.rotated")
    audit.verify(session)
    lines = enter("administrator").get("site/audit/export").text.splitlines()
    shown = [json.loads(line).get("entry", {}).get("action") for line in lines[:-1]]
    assert shown == [None, None, "key.rotated"] and verify_export(lines) == []


def test_the_hourly_task_signs_the_chain(runtime: Runtime, session: Session) -> None:
    audit.record(session, "grade.approved")
    audit.verify(session)
    sign(runtime)
    assert session.execute(text("SELECT sequence FROM audit_checkpoint")).scalars().all() == [1]
