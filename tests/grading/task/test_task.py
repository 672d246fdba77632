"""The text of a task: written by a teacher, read by students."""

from datetime import UTC, datetime

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.task.settings import TaskSettings, change_task, read_moment
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of


def test_students_read_what_the_teacher_wrote(teacher: Browser, student: Browser) -> None:
    assert not student.page("grading").select(".task-text")
    sent = {"text": "Explain the **median**.", "due": "2031-05-31T23:59", "due-utc": "2031-05-31T21:59:00Z"}
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


def test_without_scripts_a_moment_counts_as_utc() -> None:
    assert read_moment("2031-05-31T23:59", "") == datetime(2031, 5, 31, 23, 59, tzinfo=UTC)
    assert read_moment("", "2031-05-31T21:59:00Z") is None
