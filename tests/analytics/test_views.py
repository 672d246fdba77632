"""The dashboard: for those who teach the course; a student is told so; nobody sees another course."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.activity.models import Event

DASHBOARD = PlacementKind.DASHBOARD


@pytest.fixture(autouse=True)
def busy_course(house: Any, session: Session) -> None:
    for _ in range(7):
        events.record(session, EventKind.SUBMITTED, course_id=house.course.id, person_id=house.student.id)
    session.flush()


@pytest.mark.parametrize("name", ["teacher", "non_editing_teacher"])
def test_teachers_see_totals_a_chart_and_its_table(enter: Any, name: str) -> None:
    page = enter(name, DASHBOARD).page("dashboard/?show=submissions")
    totals = {item.dt.get_text(): item.dd.get_text() for item in page.select("dl > div")}
    assert totals["Submissions"] == "7" and totals["People active"] == "1"
    column = int(page.select_one("figure[data-module=chart]")["data-columns"])
    newest = page.select_one("#days tbody tr")
    assert page.select("#days thead th")[column].get_text() == "Submissions"
    assert newest.select("th, td")[column]["data-value"] == "7" and len(page.select("#days tbody tr")) == 30


def test_a_student_is_told_that_it_is_for_teachers(enter: Any) -> None:
    page = enter("student", DASHBOARD).page("dashboard/")
    assert "for teachers" in page.get_text() and not page.select("figure")


def test_a_student_gets_no_table_to_download(enter: Any) -> None:
    assert enter("student", DASHBOARD).get("dashboard/days.csv").status_code == 403


def test_an_outsider_sees_the_own_course_alone(enter: Any) -> None:
    page = enter("outsider", DASHBOARD).page("dashboard/?show=submissions")
    assert page.select("#days thead th")[6].get_text() == "Submissions"
    assert page.select_one("#days tbody td:nth-of-type(6)").get_text() == "0"


def test_the_page_shows_no_names(enter: Any) -> None:
    assert "Canary" not in enter("teacher", DASHBOARD).get("dashboard/").text


def test_an_unknown_measure_shows_the_usual_one(enter: Any) -> None:
    page = enter("teacher", DASHBOARD).page("dashboard/?show=secrets")
    assert page.select_one("figcaption").get_text().startswith("Messages")


def test_the_table_can_be_downloaded_and_that_is_noted(enter: Any, session: Session) -> None:
    answer = enter("teacher", DASHBOARD).get("dashboard/days.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 30 and rows[0]["submissions"] == "7"
    assert session.scalars(select(Event.kind).order_by(Event.id.desc())).first() == EventKind.EXPORTED


def test_the_most_active_stand_under_their_numbers(enter: Any, house: Any, session: Session) -> None:
    for name in ("student", "other_student", "student"):
        events.record(session, EventKind.CHAT_MESSAGE_SENT, course_id=house.course.id, person_id=house.people[name].id)
    table = enter("teacher", DASHBOARD).page("dashboard/").find("caption", id="people-caption").parent
    rows = [[cell.get_text() for cell in row.select("th, td")][:2] for row in table.select("tbody tr")]
    assert rows == [[f"Person {house.student.id}", "2"], [f"Person {house.people['other_student'].id}", "1"]]


def test_everybody_who_was_active_can_be_downloaded(enter: Any, house: Any) -> None:
    answer = enter("teacher", DASHBOARD).get("dashboard/people.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["id"], row["messages"]) for row in rows] == [(str(house.student.id), "0")]
    assert enter("student", DASHBOARD).get("dashboard/people.csv").status_code == 403


def test_the_logs_are_offered_to_whom_they_open(enter: Any) -> None:
    assert enter("teacher", DASHBOARD).page("dashboard/").select('a[href$="/tutor/logs/"]')
    assert not enter("non_editing_teacher", DASHBOARD).page("dashboard/").select('a[href$="/tutor/logs/"]')
