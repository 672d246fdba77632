"""How an activity is marked: released at once or later, names hidden, a time for regrades."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import BoundLaunch, Placement
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.options import MarkingOptions, change_marking_options, marking_options
from lti_tool.grading.models import Rubric
from lti_tool.grading.regrades import ask_regrade, regrade_until
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.versions import save_rubric
from lti_tool.grading.task.settings import TaskSettings, change_task
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, RUBRIC, HandIn, Mark

CHOSEN = {"release": "held", "anonymous": "yes", "two_markers": "yes", "regrade_days": "14"}


@pytest.fixture
def anonymous(house: House, activity: Placement) -> Placement:
    change_marking_options(activity, MarkingOptions(is_anonymous=True))
    house.session.flush()
    return activity


def test_a_teacher_chooses_and_the_audit_says_what(teacher: Browser, house: House, activity: Placement) -> None:
    page = teacher.follow(teacher.post("grading/setup", CHOSEN))
    house.session.refresh(activity)
    kept = marking_options(activity)
    assert (kept.is_held, kept.is_anonymous, kept.has_two_markers, kept.regrade_days) == (True, True, True, 14)
    assert [str(field["id"]) for field in page.select("input[checked]")] == ["held", "anonymous", "two-markers"]
    entry = house.session.scalars(select(AuditEntry).where(AuditEntry.action == "marking.options")).one()
    assert entry.details["changed"] == ["has_two_markers", "is_anonymous", "is_held", "regrade_days"]


@pytest.mark.parametrize("days", ["0", "366", "two", "-1"])
def test_days_that_are_none_come_back_with_the_reason(teacher: Browser, days: str) -> None:
    response = teacher.post("grading/setup", CHOSEN | {"regrade_days": days})
    assert response.status_code == 400 and "number of days" in response.text


def test_markers_see_codes_until_the_release(
    teacher: Browser, house: House, anonymous: Placement, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in(Student_Canary__txt=b"mine")
    pages = [f"grading/submissions/{work.id}", "grading", "grading/setup", f"grades/?placement={anonymous.id}"]
    pages.append(f"grading/submissions/{work.id}/as-read")
    for path in pages:
        text = teacher.get(path).text
        assert "Student Canary" not in text and "Student_Canary" not in text, path
    marked(work, approved=True)
    assert "Student Canary" in teacher.page(pages[0]).get_text()


def test_a_files_name_tells_nobody_whose_it_is(
    teacher: Browser, student: Browser, anonymous: Placement, handed_in: HandIn
) -> None:
    path = f"grading/submissions/{handed_in(Student_Canary__txt=b'mine').id}/files/1"
    for browser, name in ((teacher, "1.txt"), (student, "Student_Canary.txt")):
        answer = browser.get(path)
        assert answer.headers["Content-Disposition"].endswith(name)
        answer.close()


def test_the_table_of_grades_as_a_file_names_nobody(
    teacher: Browser, house: House, anonymous: Placement, handed_in: HandIn
) -> None:
    handed_in()
    text = teacher.get(f"grades/export.csv?placement={anonymous.id}").text
    person = house.student
    assert not any(word in text for word in (person.name, person.email, person.idnumber))


def test_a_launch_about_one_student_leads_to_no_work_while_names_are_hidden(
    enter: Enter, house: House, anonymous: Placement, handed_in: HandIn
) -> None:
    handed_in()
    browser = enter("teacher", ACTIVITY)
    house.session.get_one(BoundLaunch, browser.launch_id).reviewed_person_id = house.student.id
    house.session.flush()
    assert browser.get("grading/review").location.endswith("/grading")


def test_a_regrade_is_asked_for_in_time(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    grade, student = marked(handed_in()), viewer_of(house, "student", ACTIVITY)
    approval = approve(house.session, viewer_of(house, "teacher"), grade)
    assert regrade_until(house.session, activity, approval) is None
    change_marking_options(activity, MarkingOptions(regrade_days=7))
    until = regrade_until(house.session, activity, approval)
    assert until is not None and abs(until - now() - timedelta(days=7)) < timedelta(minutes=1)
    change_marking_options(activity, MarkingOptions(regrade_days=-1))
    with pytest.raises(InvalidInput, match="is over"):
        ask_regrade(house.session, student, activity, "Please look")


def test_the_student_is_told_until_when(
    student: Browser, house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    for days, words in ((7, "Last moment to ask"), (-1, "is over")):
        change_marking_options(activity, MarkingOptions(regrade_days=days))
        house.session.flush()
        assert words in student.page("grading").get_text()


@pytest.mark.parametrize("change", ["task", "rubric"])
def test_holding_grades_back_outlasts_a_form_that_was_read_before(
    house: House, activity: Placement, rubric: Rubric, change: str
) -> None:
    session, teacher = house.session, viewer_of(house, "teacher")
    held = update(Placement).where(Placement.id == activity.id).values(options={**RUBRIC, "marking": {"is_held": True}})
    session.execute(held, execution_options={"synchronize_session": False})
    if change == "task":
        change_task(session, teacher, activity, TaskSettings(text="Write.", due_at=None))
    else:
        save_rubric(session, teacher, activity, read_lines("Clarity: 10"))
    session.expire_all()
    assert marking_options(activity).is_held
