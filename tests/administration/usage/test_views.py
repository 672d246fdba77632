"""Usage by course for administrators, of their own platform alone."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.db import now
from lti_tool.llm.models import LlmCall
from lti_tool.lti.models import Deployment, Platform, Registration
from tests.fixtures.people import Enter, House


def add_call(session: Session, course: Course | None, **changes: object) -> None:
    values: dict[str, object] = {
        "course_id": course and course.id,
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


def test_trials_of_the_models_are_counted_though_no_course_made_them(enter: Enter, session: Session) -> None:
    add_call(session, None, purpose="trial")
    browser = enter("administrator")
    page = browser.page("site/usage/")
    row = " ".join(page.find("tbody").find("tr").get_text(" ").split())  # type: ignore[union-attr]
    assert row == "No course: the models were tried 1 0 1,000 200 0.0045"
    assert "1,200 tokens" in page.get_text()
    assert browser.get("site/usage/usage.csv").text.splitlines()[1] == ",,1,0,1000,200,0.0045"


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


def test_tokens_stand_by_model_and_for_all_time(enter: Enter, house: House, session: Session) -> None:
    add_call(session, house.course, model="large")
    add_call(session, house.course, model="small", prompt_tokens=1, completion_tokens=1)
    add_call(session, house.course, model="small", created_at=now() - timedelta(days=400))
    page = enter("administrator").page("site/usage/")
    totals = {item.dt.get_text(): item.dd.get_text() for item in page.select("dl > div")}  # type: ignore[union-attr]
    assert (totals["Tokens, all time"], totals["Tokens, 30 days"]) == ("2,402", "1,202")
    assert [row["data-value"] for row in page.select("#models td[data-value]")] == ["1200", "2"]


def test_conversations_and_messages_are_counted(enter: Enter, house: House, session: Session) -> None:
    for kind in (EventKind.THREAD_CREATED, EventKind.CHAT_MESSAGE_SENT, EventKind.ANSWERED, EventKind.LAUNCHED):
        events.record(session, kind, course_id=house.course.id, person_id=house.student.id)
    events.record(session, EventKind.THREAD_CREATED, course_id=elsewhere(session).id, person_id=house.student.id)
    page = enter("administrator").page("site/usage/")
    totals = {item.dt.get_text(): item.dd.get_text() for item in page.select("dl > div")}  # type: ignore[union-attr]
    assert (totals["Conversations, 30 days"], totals["Messages, 30 days"]) == ("1", "2")


def test_an_answer_counts_by_its_last_rating(enter: Enter, house: House, session: Session) -> None:
    for course, turn, value in (
        (house.course, 1, 1),
        (house.course, 2, 1),
        (house.course, 2, -1),
        (house.course, 3, 0),
        (elsewhere(session), 1, 1),
    ):
        details = {"conversation": "c", "turn": turn, "value": value}
        person = house.student.id
        events.record(session, EventKind.FEEDBACK_GIVEN, course_id=course.id, person_id=person, details=details)
    page = enter("administrator").page("site/usage/")
    totals = {item.dt.get_text(): item.dd.get_text() for item in page.select("dl > div")}  # type: ignore[union-attr]
    assert (totals["Thumbs up, 30 days"], totals["Thumbs down, 30 days"]) == ("1", "1")


def test_twenty_courses_stand_on_the_page_and_all_in_the_file(enter: Enter, house: House, session: Session) -> None:
    for number in range(21):
        course = Course(deployment=house.deployment, context_id=f"c{number}", title=f"Course {number}")
        session.add(course)
        session.flush()
        add_call(session, course)
    browser = enter("administrator")
    table = browser.page("site/usage/").find("caption", id="courses-caption").parent  # type: ignore[union-attr]
    assert len(table.select("tbody tr")) == 20  # type: ignore[union-attr]
    assert browser.get("site/usage/usage.csv").text.count("Course ") == 21
