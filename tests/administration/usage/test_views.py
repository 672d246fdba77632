"""Usage by course for administrators, of their own platform alone."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.db import now
from lti_tool.llm.models import LlmCall
from lti_tool.lti.models import Deployment, Platform, Registration
from tests.fixtures.people import Enter, House


def add_call(session: Session, course: Course, **changes: object) -> None:
    values: dict[str, object] = {
        "course_id": course.id,
        "feature": "tutor",
        "purpose": "answer",
        "model": "m",
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "cost_micros": 4500,
        "duration_ms": 10,
        "outcome": "succeeded",
    }
    session.add(LlmCall(**(values | changes)))
    session.flush()


def elsewhere(session: Session) -> Course:
    registration = Registration(
        platform=Platform(issuer="https://elsewhere.example"),
        client_id="2",
        authorization_endpoint="x",
        token_endpoint="x",
        keyset_url="x",
    )
    course = Course(deployment=Deployment(registration=registration, deployment_id="1"), context_id="9", title="Secret")
    session.add(course)
    session.flush()
    return course


def test_tokens_and_cost_are_summed_by_course(enter: Enter, house: House, session: Session) -> None:
    add_call(session, house.course)
    add_call(session, house.course, outcome="failed", error_code="provider_busy")
    add_call(session, house.other_course, prompt_tokens=1)
    page = enter("administrator").page("site/usage/")
    row = " ".join(page.find("tbody").find("tr").get_text(" ").split())  # type: ignore[union-attr]
    assert row == "Plant biology 2 1 2,000 400 0.0090"
    assert "2,601 tokens" in page.get_text()


def test_older_calls_are_left_out(enter: Enter, house: House, session: Session) -> None:
    add_call(session, house.course, created_at=now() - timedelta(days=31))
    assert "No call was made." in enter("administrator").page("site/usage/").get_text()


def test_another_platforms_courses_are_not_shown(enter: Enter, session: Session) -> None:
    add_call(session, elsewhere(session))
    admin = enter("administrator")
    assert "Secret" not in admin.get("site/usage/").text + admin.get("site/usage/usage.csv").text


def test_the_file_holds_the_same_and_no_formula(enter: Enter, house: House, session: Session) -> None:
    house.course.title = '=HYPERLINK("x")'
    add_call(session, house.course)
    lines = enter("administrator").get("site/usage/usage.csv").text.splitlines()
    assert lines[0] == "\ufeffcourse_id,course,calls,failed,prompt_tokens,completion_tokens,cost"
    assert lines[1] == f'{house.course.id},"\'=HYPERLINK(""x"")",1,0,1000,200,0.0045'


@pytest.mark.parametrize("person", ["teacher", "student", "outsider"])
@pytest.mark.parametrize("path", ["site/usage/", "site/usage/usage.csv"])
def test_others_may_not(enter: Enter, person: str, path: str) -> None:
    assert enter(person).get(path).status_code == 403
