"""Papers on the one desk: from the tab to the student's page, and who gets to see what."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Approval, Grade, Push
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.queue import next_in_queue, queue_rows
from lti_tool.grading.regrades import own_regrades
from lti_tool.grading.reviewing import save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.runtime import Runtime
from lti_tool.scans.board import board
from lti_tool.scans.confirming import claim
from lti_tool.scans.models import Paper
from lti_tool.scans.resolving import take_back
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, OnDesk, PaperOf
from tests.scans.test_views import MARKS, SAVED, text_of

RUBRIC = {"rubric": [{"title": "Question 1", "points": 4}, {"title": "Question 2", "points": 6}]}
SEVEN = Marking(rubric_id=None, seen=0, points=Decimal("7.5"), feedback="Good")


@pytest.fixture
def staff(enter: Enter, teacher: Viewer) -> Browser:
    return enter("teacher", EXAM)


@pytest.fixture
def student(enter: Enter) -> Browser:
    return enter("student", EXAM)


def mark(session: Session, house: House, work: Submission, marking: Marking = SEVEN) -> Grade:
    return save_review(session, viewer_of(house, "teacher", EXAM), house.placements[EXAM], work, marking)


def test_marks_stay_a_draft_until_they_are_approved_and_then_wait_for_the_exams_column(
    session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    grade = mark(session, house, on_desk(confirmed()))
    assert session.scalars(select(Approval)).all() == session.scalars(select(Push)).all() == []
    approve(session, teacher, grade)
    assert session.scalars(select(Approval.points)).all() == [Decimal("7.5")]
    push = session.scalars(select(Push)).one()
    assert (push.person_id, push.resource_link.placement_id) == (house.student.id, house.placements[EXAM].id)


def test_a_paper_that_may_be_somebody_elses_takes_no_grade(
    session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer, runtime: Runtime
) -> None:
    paper = confirmed()
    work = on_desk(paper)
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    with pytest.raises(InvalidInput, match="taken back meanwhile"):
        mark(session, house, work)
    assert session.scalars(select(Grade)).all() == []


def test_two_teachers_who_grade_at_once_are_told(
    session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    work = on_desk(confirmed())
    for _click in range(2):
        mark(session, house, work)
    other = Marking(rubric_id=None, seen=0, points=Decimal(3))
    with pytest.raises(InvalidInput, match="has marked this meanwhile"):
        mark(session, house, work, other)


def test_the_next_paper_is_one_without_an_approved_grade(
    session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    first, second = on_desk(confirmed("student")), on_desk(confirmed("other_student"))

    def after(work: Submission) -> Submission | None:
        return next_in_queue(queue_rows(session, teacher, house.placements[EXAM]), work.person_id)

    assert after(first) == second
    approve(session, teacher, mark(session, house, second))
    assert (after(first), after(second)) == (None, first)


def test_the_counter_line_counts_what_was_done(
    session: Session, house: House, confirmed: PaperOf, bound: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    approve(session, teacher, mark(session, house, on_desk(confirmed("student"))))
    bound("other_student")
    counts = board(session, teacher).counts
    assert (counts.papers, counts.pages, counts.to_confirm, counts.to_resolve) == (2, 4, 1, 0)
    assert (counts.confirmed, counts.graded, counts.pushed) == (1, 1, 0)


def test_papers_stand_in_the_order_of_names(session: Session, released: PaperOf, teacher: Viewer) -> None:
    papers: list[Paper] = [released("student"), released("other_student")]
    assert board(session, teacher).shown == papers[::-1]


def test_staff_reach_the_desk_by_its_tab_and_students_have_none(
    staff: Browser, student: Browser, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    on_desk(confirmed())
    tabs = [link.text for link in staff.page("scans/").select("nav a")]
    assert "Marking" in tabs and "Activity" not in tabs
    desk = staff.page("grading")
    assert "The papers of 1 of " in " ".join(desk.text.split())
    assert not [link for link in desk.select("main a") if "intake" in link["href"] or "grading/task" in link["href"]]
    assert "Marking" not in [link.text for link in student.page("scans/").select("nav a")]


@pytest.mark.parametrize(
    ("path", "form"), [("submit", {"text": "Me too", "client_key": "1"}), ("intake/draft", {"text": "Me too"})]
)
def test_nobody_hands_in_a_paper_by_a_form(student: Browser, session: Session, path: str, form: dict[str, str]) -> None:
    answer = student.get("grading")
    assert (answer.status_code, answer.location.rstrip("/").endswith("/scans")) == (303, True)
    assert student.post(f"grading/{path}", form).status_code == 404
    assert session.scalars(select(Submission)).all() == []


@pytest.mark.parametrize("path", ["grading/intake/pile", "grading/task"])
def test_staff_have_no_pages_there_for_what_is_handed_in_online(staff: Browser, path: str) -> None:
    assert staff.get(path).status_code == 404


def test_a_student_sees_ticks_feedback_and_who_approved_and_asks_for_another_look(
    student: Browser, session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    exam = house.placements[EXAM]
    exam.options = {**exam.options, **RUBRIC}
    rubric = rubric_of(session, exam)
    assert rubric is not None
    ticks = {one.id: TickInput(points=Decimal(3), comment=f"On {one.title}") for one in rubric.criteria}
    marking = Marking(rubric_id=rubric.id, seen=0, ticks=ticks, feedback="Read the question again.")
    approve(session, teacher, mark(session, house, on_desk(confirmed()), marking))
    shown = text_of(student)
    for words in ("6 / 10", "Question 1", "On Question 2", "Read the question again.", "Approved by Teacher Canary"):
        assert words in shown
    page = student.follow(student.post("grading/regrade", {"reason": "Page 2 was not read."}))
    assert "Page 2 was not read." in page.text and page.h1 is not None and page.h1.text == "Your paper"
    assert len(own_regrades(session, student.viewer, exam)) == 1


def test_a_regrade_without_a_reason_is_a_question_on_the_exams_page(
    student: Browser, session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    approve(session, teacher, mark(session, house, on_desk(confirmed())))
    page = student.follow(student.post("grading/regrade", {"reason": " "}))
    assert "Write a text of at most" in page.text


@pytest.mark.usefixtures("marked_at_once")
def test_before_the_student_has_said_that_it_is_theirs_nothing_tells_what_is_in_it(
    student: Browser,
    session: Session,
    house: House,
    released: PaperOf,
    on_desk: OnDesk,
    teacher: Viewer,
    runtime: Runtime,
) -> None:
    paper = released()
    work = on_desk(paper)
    approve(session, teacher, mark(session, house, work))
    shown = text_of(student)
    assert "7.5 / 10" in shown and "Good" not in shown
    for path in ("", "/files/1", "/files/1/pages/1.webp"):
        assert student.get(f"grading/submissions/{work.id}{path}").status_code == 404
    claim(session, student.viewer, paper, runtime.secrets)
    assert "Good" in text_of(student)


def test_what_rests_on_a_paper_that_was_taken_back_is_told_to_staff_and_kept_from_its_student(
    staff: Browser,
    student: Browser,
    session: Session,
    house: House,
    confirmed: PaperOf,
    on_desk: OnDesk,
    teacher: Viewer,
    runtime: Runtime,
) -> None:
    paper = confirmed()
    approve(session, teacher, mark(session, house, on_desk(paper)))
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    assert "under the grade of Student Canary was taken back" in text_of(staff, f"scans/staff/papers/{paper.id}")
    assert "The work under this grade was taken back" in text_of(staff, "grading")
    shown = text_of(student)
    assert "7.5 / 10" in shown and "Good" not in shown


def test_the_gradebooks_link_leads_staff_to_the_work_and_students_to_their_page(
    enter: Enter, house: House, confirmed: PaperOf, on_desk: OnDesk
) -> None:
    work = on_desk(confirmed())
    review = {"message": "submission_review", "reviewed_person_id": house.student.id}
    staff, student = enter("teacher", EXAM, **review), enter("student", EXAM, **review)
    first = staff.get("scans/review")
    assert first.location.endswith("grading/review")
    assert staff.get("grading/review").location.endswith(f"grading/submissions/{work.id}")
    assert "confirmed this paper" in student.follow(student.get("scans/review")).text


def test_with_hidden_names_no_way_leads_from_a_paper_to_its_marks(
    enter: Enter, session: Session, house: House, confirmed: PaperOf, on_desk: OnDesk, teacher: Viewer
) -> None:
    paper, exam = confirmed(), house.placements[EXAM]
    work = on_desk(paper)
    change_marking_options(exam, MarkingOptions(is_anonymous=True))
    mark(session, house, work)
    staff = enter("teacher", EXAM, message="submission_review", reviewed_person_id=house.student.id)
    for path in ("scans/", f"scans/staff/papers/{paper.id}"):
        assert str(work.id) not in staff.get(path).text and "7.5" not in text_of(staff, path)
    assert staff.get("scans/review").location.endswith("grading/review")
    desk = staff.follow(staff.get("grading/review"))
    assert "Names are hidden" in desk.text and "Student Canary" not in text_of(staff, "grading")
    assert "Student Canary" not in text_of(staff, f"grading/submissions/{work.id}")


@pytest.mark.parametrize("rule", ["released", "confirmed"])
def test_staff_say_from_when_on_papers_are_marked(staff: Browser, released: PaperOf, rule: str) -> None:
    released()
    page = staff.follow(staff.post("scans/marking/from", {"from": rule}))
    chosen = page.select_one("input[name=from][checked]")
    assert chosen is not None and chosen["value"] == rule
    assert ("1 paper goes to the desk now." in page.text) is (rule == "released")


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("outsider", 303)])
def test_only_staff_of_the_exam_change_the_rule(enter: Enter, house: House, name: str, status: int) -> None:
    answer = enter(name, EXAM).post("scans/marking/from", {"from": "released"})
    assert (answer.status_code, "marked_from" in house.placements[EXAM].options) == (status, False)


def test_a_rule_that_is_none_is_refused(staff: Browser) -> None:
    assert staff.post("scans/marking/from", {"from": "never"}).status_code == 400


def test_a_saved_mark_is_seen_by_staff_of_the_exam_alone(
    enter: Enter, confirmed: PaperOf, on_desk: OnDesk, staff: Browser
) -> None:
    work = on_desk(confirmed())
    staff.post(f"grading/submissions/{work.id}/review", SAVED)
    for name, status in (("other_student", 404), ("outsider", 404)):
        assert enter(name, EXAM).get(f"grading/submissions/{work.id}").status_code == status
    assert enter("teacher").get(f"grading/submissions/{work.id}").status_code == 404
    assert staff.post(f"grading/submissions/{work.id}/review", MARKS | {"seen": "1"}).status_code == 303
