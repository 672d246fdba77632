"""Marks by script and by plain form, and who may put them there."""

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.pagemarks.keeping import marks_in_work
from tests.fixtures.people import Browser, Enter, House
from tests.grading.conftest import ACTIVITY, Mark
from tests.grading.pagemarks.conftest import Placed, mark_fields

SCRIPT = {"Accept": "application/json"}


def path_of(work: Submission) -> str:
    return f"grading/submissions/{work.id}/pagemarks"


def test_the_script_gets_the_marks_of_the_page_back(house: House, teacher: Browser, paper: Submission) -> None:
    answer = teacher.post(path_of(paper), mark_fields(kind="comment", text="Which unit?"), headers=SCRIPT)
    (mark,) = marks_in_work(house.session, paper)
    assert answer.json is not None and answer.json["mark"] == str(mark.id)
    assert "Which unit?" in answer.json["html"] and "<svg" in answer.json["html"]


def test_the_script_is_told_in_words_what_is_wrong(teacher: Browser, paper: Submission) -> None:
    answer = teacher.post(path_of(paper), mark_fields(page=9), headers=SCRIPT)
    assert answer.status_code == 400 and answer.json is not None
    assert answer.json["message"] == "This file has no page 9 to mark."


def test_without_a_script_the_form_beside_the_pages_does_the_same(
    house: House, teacher: Browser, paper: Submission, rubric: Rubric
) -> None:
    page = teacher.page(f"grading/submissions/{paper.id}")
    form = next(form for form in page.select("form") if form.select('select[name="row"]'))
    key = form.select_one('input[name="client_key"]')
    assert key is not None
    fields = {"client_key": key["value"], "file": "1", "page": "2", "kind": "comment", "text": "Good", "row": "3"}
    for _ in range(2):
        answer = teacher.post(path_of(paper), {**fields, "column": "1"})
        assert answer.status_code == 303 and answer.location.endswith("#page-1-2")
    assert [mark.text for mark in marks_in_work(house.session, paper)] == ["Good"]
    again = teacher.post(path_of(paper), {**fields, "client_key": "other", "text": "", "column": "1"})
    assert again.status_code == 400 and "Write the comment" in again.text


def test_a_mark_is_changed_and_deleted_on_the_page(
    house: House, teacher: Browser, paper: Submission, placed: Placed
) -> None:
    mark = placed(paper, page=2)
    path = f"{path_of(paper)}/{mark.id}"
    teacher.post(path, mark_fields(page=2, text="Neat", seen=1))
    assert [mark.text for mark in marks_in_work(house.session, paper)] == ["Neat"]
    teacher.post(path, mark_fields(page=2, delete="yes"))
    assert marks_in_work(house.session, paper) == []


@pytest.mark.parametrize(("who", "status"), [("student", 403), ("other_student", 403), ("outsider", 404)])
def test_nobody_else_puts_marks_on_work(
    enter: Enter, house: House, paper: Submission, placed: Placed, who: str, status: int
) -> None:
    mark, browser = placed(paper), enter(who, ACTIVITY)
    for path in (path_of(paper), f"{path_of(paper)}/{mark.id}"):
        assert browser.post(path, mark_fields(delete="yes")).status_code == status
    assert list(marks_in_work(house.session, paper)) == [mark]


def test_the_student_is_shown_the_marks_once_they_are_approved(
    student: Browser, activity: Placement, paper: Submission, placed: Placed, marked: Mark
) -> None:
    placed(paper, kind="comment", text="Which unit?")
    marked(paper)
    pages = ("grading", f"grading/submissions/{paper.id}")
    assert not any("Which unit?" in student.page(path).get_text() for path in pages)
    marked(paper, feedback="Fine", approved=True)
    for path in pages:
        page = student.page(path)
        assert "Which unit?" in page.get_text() and page.select(".page-overlay .ink")
        assert not page.select('[data-part="mark-form"]')
