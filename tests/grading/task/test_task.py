"""The text of a task: written by a teacher, read by students."""

from datetime import UTC, datetime

import pytest

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.task.settings import TaskSettings, change_task
from lti_tool.grading.task.zones import keep_zone, read_moment
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of


def test_students_read_what_the_teacher_wrote(teacher: Browser, student: Browser) -> None:
    assert not student.page("grading").select(".task-text")
    sent = {"text": "Explain the **median**.", "due": "2031-05-31T23:59", "zone": "Europe/Rome"}
    assert "Explain the median." in teacher.follow(teacher.post("grading/task", sent)).get_text()
    page = student.page("grading")
    assert page.select_one(".task-text strong").text == "median"  # type: ignore[union-attr]
    assert page.select_one("time")["datetime"] == "2031-05-31T21:59:00+00:00"  # type: ignore[index]


def test_a_script_in_a_task_is_text(house: House, student: Browser, activity: Placement) -> None:
    activity.description = "<script>alert(1)</script>"
    house.session.flush()
    assert not student.page("grading").select(".task-text script")


def test_a_date_that_cannot_be_read_comes_back_with_the_reason(teacher: Browser, activity: Placement) -> None:
    response = teacher.post("grading/task", {"text": "Kept", "due": "soon"})
    assert response.status_code == 400 and ">Kept</textarea>" in response.text


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_who_manages_the_course_writes_it(house: House, activity: Placement, name: str) -> None:
    with pytest.raises(NotAllowed):
        change_task(house.session, viewer_of(house, name), activity, TaskSettings(text="x", due_at=None))


@pytest.mark.parametrize("text", ["x" * 20_001, "a\0b"])
def test_a_text_that_cannot_be_kept_is_refused(house: House, activity: Placement, text: str) -> None:
    with pytest.raises(InvalidInput):
        change_task(house.session, viewer_of(house, "teacher"), activity, TaskSettings(text=text, due_at=None))


def test_a_moment_counts_by_the_clocks_that_were_chosen() -> None:
    assert read_moment("2031-05-31T23:59", "UTC") == datetime(2031, 5, 31, 23, 59, tzinfo=UTC)
    assert read_moment("2031-01-31T23:59", "Europe/Rome") == datetime(2031, 1, 31, 22, 59, tzinfo=UTC)
    assert read_moment("", "Europe/Rome") is None
    with pytest.raises(InvalidInput, match="Choose a time zone"):
        read_moment("2031-05-31T23:59", "../etc/passwd")


def test_the_due_date_is_shown_with_the_zone_it_was_given_in_without_scripts_too(
    teacher: Browser, student: Browser
) -> None:
    teacher.post("grading/task", {"text": "x", "due": "2031-05-31T23:59", "zone": "Europe/Rome"})
    assert "May 31, 2031, 11:59:00\u202fPM (Europe/Rome)" in student.page("grading").get_text()
    page = teacher.page("grading/task")
    assert page.select_one("#due")["value"] == "2031-05-31T23:59"  # type: ignore[index]
    assert page.select_one("#zone option[selected]")["value"] == "Europe/Rome"  # type: ignore[index]


def test_the_next_task_of_the_course_begins_with_the_same_zone(
    teacher: Browser, house: House, activity: Placement
) -> None:
    assert teacher.page("grading/task").select_one("select[data-module=own-zone]")
    keep_zone(house.placements[PlacementKind.EXAM], "Europe/Rome")
    house.session.flush()
    assert teacher.page("grading/task").select_one("#zone option[selected]")["value"] == "Europe/Rome"  # type: ignore[index]
