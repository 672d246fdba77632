"""Who may open which address of the graded activity: teacher, student, other student, outsider."""

from uuid import uuid4

import pytest

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.regrades import ask_regrade
from tests.files import samples
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn, Mark

REVIEW = "submission_review"


@pytest.fixture
def work(handed_in: HandIn, marked: Mark) -> Submission:
    """The student's, graded and approved."""
    submission = handed_in(a__pdf=samples.pdf("1"))
    marked(submission, approved=True)
    return submission


READ = ["", "/files/1", "/files/1/pages/1.webp"]
WHO_READS = [
    ("teacher", 200),
    ("non_editing_teacher", 200),
    ("administrator", 200),
    ("student", 200),
    ("other_student", 404),
    ("outsider", 404),
]


@pytest.mark.parametrize("part", READ)
@pytest.mark.parametrize(("name", "status"), WHO_READS)
def test_work_is_read_by_its_author_and_by_who_grades(
    enter: Enter, work: Submission, name: str, status: int, part: str
) -> None:
    answer = enter(name, ACTIVITY).get(f"grading/submissions/{work.id}{part}")
    assert answer.status_code == status
    answer.close()


@pytest.mark.parametrize("part", READ)
def test_work_is_not_read_from_another_activity_of_the_course(enter: Enter, work: Submission, part: str) -> None:
    assert enter("teacher", PlacementKind.EXAM).get(f"grading/submissions/{work.id}{part}").status_code == 404


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("other_student", 403), ("outsider", 404)])
def test_nobody_else_marks_it(enter: Enter, work: Submission, name: str, status: int) -> None:
    answer = enter(name, ACTIVITY).post(f"grading/submissions/{work.id}/review", {"points": "10"})
    assert answer.status_code == status


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("other_student", 403), ("outsider", 404)])
def test_nobody_else_answers_a_regrade(
    enter: Enter, house: House, activity: Placement, work: Submission, name: str, status: int
) -> None:
    asked = ask_regrade(house.session, viewer_of(house, "student"), activity, "Please")
    answer = enter(name, ACTIVITY).post(f"grading/regrade/{asked.id}/reply", {"reply": "Yes"})
    assert (answer.status_code, asked.reply) == (status, None)


@pytest.mark.parametrize("name", ["teacher", "other_student"])
def test_only_who_was_graded_asks_for_a_regrade(enter: Enter, work: Submission, name: str) -> None:
    assert enter(name, ACTIVITY).post("grading/regrade", {"reason": "Please"}).status_code == 403


@pytest.mark.parametrize("name", ["teacher", "non_editing_teacher", "administrator"])
def test_staff_hand_in_nothing(enter: Enter, activity: Placement, name: str) -> None:
    sent = {"text": "x", "client_key": "k"}
    assert enter(name, ACTIVITY).post("grading/submit", sent).status_code == 403


@pytest.mark.parametrize(("name", "status"), [("teacher", 200), ("non_editing_teacher", 403), ("student", 403)])
def test_the_rubric_is_for_who_manages_the_course(enter: Enter, rubric: Rubric, name: str, status: int) -> None:
    browser = enter(name, ACTIVITY)
    for path in ("rubric", "rubric/versions", "rubric/versions/1", "rubric/sources", "exemplars", "task"):
        assert browser.get(f"grading/{path}").status_code == status
    assert browser.post("grading/rubric", {"kind": "levels", "do": "add"}).status_code == status


def test_an_outsider_sees_the_activity_of_their_own_course_only(enter: Enter, work: Submission) -> None:
    assert "Student Canary" not in enter("outsider", ACTIVITY).page("grading").get_text()


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_another_kind_of_placement_has_no_task(enter: Enter, house: House, name: str) -> None:
    assert enter(name, PlacementKind.TUTOR).get("grading").status_code == 404


def test_a_review_launch_opens_that_students_work(enter: Enter, house: House, work: Submission) -> None:
    browser = enter("teacher", ACTIVITY, message=REVIEW, reviewed_person_id=house.student.id)
    assert browser.get("grading/review").location.endswith(str(work.id))


def test_a_review_of_somebody_without_work_says_so(enter: Enter, house: House, work: Submission) -> None:
    browser = enter("teacher", ACTIVITY, message=REVIEW, reviewed_person_id=house.people["other_student"].id)
    assert "has handed in nothing yet" in browser.follow(browser.get("grading/review")).get_text()


def test_a_students_review_launch_shows_their_own_feedback(enter: Enter, house: House, work: Submission) -> None:
    browser = enter("student", ACTIVITY, message=REVIEW, reviewed_person_id=house.student.id)
    assert "8 / 10" in browser.follow(browser.get("grading/review")).get_text()


def test_a_review_launch_shows_a_student_nobody_elses_work(enter: Enter, house: House, work: Submission) -> None:
    browser = enter("other_student", ACTIVITY, message=REVIEW, reviewed_person_id=house.student.id)
    page = browser.follow(browser.get("grading/review")).get_text()
    assert "8 / 10" not in page and str(work.sha256) not in page


def test_an_unknown_submission_is_not_found(enter: Enter, activity: Placement) -> None:
    assert enter("teacher", ACTIVITY).get(f"grading/submissions/{uuid4()}").status_code == 404
