"""Logs without names, a page at a time, for those who may read them."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.models import AuditEntry
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.tutor.logs.browsing import PER_PAGE, span_of
from lti_tool.tutor.models import Conversation, Outcome, Turn, TurnState
from tests.fixtures.people import Enter, House

DAY = date(2026, 3, 10)


def asked(house: House, name: str, *questions: str, ago: timedelta = timedelta(), course: int | None = None) -> None:
    conversation = Conversation(course_id=course or house.course.id, person_id=house.people[name].id, archived_at=now())
    house.session.add(conversation)
    house.session.flush()
    for position, question in enumerate(questions, start=1):
        turn = Turn(
            conversation_id=conversation.id,
            position=position,
            client_key=str(uuid4()),
            question=question,
            state=TurnState.SUCCEEDED,
            outcome=Outcome.ANSWER,
            answer_markdown=f"**About** {question}",
            created_at=now() - ago + timedelta(seconds=position),
            finished_at=now(),
        )
        house.session.add(turn)
    house.session.flush()


def test_questions_stand_under_numbers_and_not_under_names(enter: Enter, house: House) -> None:
    asked(house, "student", "What is osmosis?", ago=timedelta(hours=3))
    asked(house, "other_student", "What is light?", ago=timedelta(hours=2))
    asked(house, "student", "And then?", ago=timedelta(hours=1))
    page = enter("teacher").page("tutor/logs/")
    said = [
        [part.get_text(strip=True) for part in item.select("h2 span:first-child, p.fw-semibold")]
        for item in page.select("li.card")
    ]
    assert said == [["User 1", "And then?"], ["User 2", "What is light?"], ["User 1", "What is osmosis?"]]
    assert "Student Canary" not in page.get_text() and page.select_one("li.card strong").get_text() == "About"


def test_links_that_a_model_made_up_are_dead_here_as_in_the_chat(enter: Enter, house: House) -> None:
    asked(house, "student", "[here](https://evil.example/x)")
    item = enter("teacher").page("tutor/logs/").select_one("li.card .tutor-text")
    assert "here" in item.get_text() and not item.select("a[href]")


def test_the_last_seven_days_are_shown_unless_others_are_asked_for(enter: Enter, house: House) -> None:
    asked(house, "student", "Old?", ago=timedelta(days=9))
    asked(house, "student", "New?")
    browser = enter("teacher")
    assert [item.get_text() for item in browser.page("tutor/logs/").select("p.fw-semibold")] == ["New?"]
    long_ago = (datetime.now(UTC) - timedelta(days=9)).date()
    older = browser.page(f"tutor/logs/?first={long_ago}&last={long_ago}")
    assert [item.get_text() for item in older.select("p.fw-semibold")] == ["Old?"]


def test_twenty_stand_on_a_page_and_a_number_keeps_its_person(enter: Enter, house: House) -> None:
    asked(house, "student", *[f"Question {number}?" for number in range(PER_PAGE + 3)], ago=timedelta(minutes=9))
    browser = enter("teacher")
    assert len(browser.page("tutor/logs/").select("li.card")) == PER_PAGE
    last = browser.page("tutor/logs/?page=2")
    assert len(last.select("li.card")) == 3 and "User 1" in last.get_text()


def test_the_file_holds_all_days_of_the_form_and_no_formula(enter: Enter, house: House) -> None:
    asked(house, "student", "=1+1", "Why?")
    answer = enter("teacher").get("tutor/logs/logs.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["user"], row["question"]) for row in rows] == [("User 1", "Why?"), ("User 1", "'=1+1")]


def test_reading_and_taking_the_logs_is_audited(enter: Enter, house: House, session: Session) -> None:
    browser = enter("teacher")
    browser.page("tutor/logs/")
    browser.get("tutor/logs/logs.csv")
    told = select(AuditEntry.action).where(AuditEntry.object_type == "course").order_by(AuditEntry.id)
    assert session.scalars(told).all() == ["logs.viewed", "logs.exported"]


@pytest.mark.parametrize("path", ["tutor/logs/", "tutor/logs/logs.csv"])
@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_who_may_not_read_logs_is_refused(enter: Enter, name: str, path: str) -> None:
    assert enter(name).get(path).status_code == 403


def test_another_course_stays_out(enter: Enter, house: House) -> None:
    asked(house, "outsider", "Theirs?", course=house.other_course.id)
    assert "Theirs?" not in enter("teacher").get("tutor/logs/").text
    assert "Theirs?" in enter("outsider").get("tutor/logs/").text


@pytest.mark.parametrize("query", ["first=yesterday", "first=2026-02-02&last=2026-02-01"])
def test_days_that_are_none_are_refused_in_words(enter: Enter, query: str) -> None:
    assert enter("teacher").get(f"tutor/logs/?{query}").status_code == 400


def test_a_span_ends_today_and_lasts_a_week_by_default() -> None:
    span = span_of(None, None, DAY)
    assert (span.first, span.last) == (date(2026, 3, 4), DAY)
    with pytest.raises(InvalidInput):
        span_of(DAY, DAY - timedelta(days=1), DAY)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_refused(enter: Enter, day: str) -> None:
    assert enter("teacher").get(f"tutor/logs/?last={day}").status_code == 400
