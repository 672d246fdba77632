"""Many at once: only what a person has opened, in one step, and back again before it."""

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.many import approve_many, release_many
from lti_tool.gradebook.models import Approval, Push
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.desk.looking import open_work
from lti_tool.grading.desk.releasing import ready_to_approve, take_back
from lti_tool.grading.feedback import find_feedback
from lti_tool.grading.queue import QueueRow, WorkState, queue_rows
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.rubrics.versions import rubric_of
from tests.fixtures.people import Browser, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn, Mark


@pytest.fixture
def held(house: House, activity: Placement) -> Placement:
    change_marking_options(activity, MarkingOptions(is_held=True))
    house.session.flush()
    return activity


def rows_of(house: House, activity: Placement) -> list[QueueRow]:
    house.session.expire_all()
    return queue_rows(house.session, viewer_of(house, "teacher"), activity)


def test_a_grade_is_approved_among_many_only_when_its_work_was_opened(
    house: House, handed_in: HandIn, marked: Mark
) -> None:
    work, teacher = handed_in(), viewer_of(house, "teacher")
    grade = marked(work)
    with pytest.raises(InvalidInput, match="Nobody has opened this work"):
        approve_many(house.session, teacher, [(grade.id, 1)])
    open_work(house.session, teacher, work)
    assert approve_many(house.session, teacher, [(grade.id, 1)]).done == 1
    assert len(house.session.scalars(select(Approval)).all()) == 1


def test_what_was_left_out_is_named_with_why(teacher: Browser, house: House, handed_in: HandIn, marked: Mark) -> None:
    opened, unopened = handed_in(), handed_in(by="other_student")
    grades = [marked(opened), marked(unopened)]
    teacher.page(f"grading/submissions/{opened.id}")
    page = teacher.follow(teacher.post("grading/approve", {"grade": [f"{grade.id}:1" for grade in grades]}))
    assert "1 grade approved" in page.get_text()
    assert "Left out: Other Student Canary. Nobody has opened this work" in page.get_text()


def test_work_that_was_handed_in_anew_must_be_opened_anew(house: House, handed_in: HandIn, marked: Mark) -> None:
    work, teacher = handed_in(), viewer_of(house, "teacher")
    grade = marked(work)
    open_work(house.session, teacher, work)
    open_work(house.session, teacher, handed_in(text="A better essay"))
    with pytest.raises(InvalidInput, match="Nobody has opened this work"):
        approve_many(house.session, teacher, [(grade.id, 1)])


def test_a_look_at_an_earlier_attempt_is_none_at_the_grade(house: House, handed_in: HandIn, marked: Mark) -> None:
    first, teacher = handed_in(), viewer_of(house, "teacher")
    marked(first)
    grade = marked(handed_in(text="A better essay"), clarity="1")
    open_work(house.session, teacher, first)
    with pytest.raises(InvalidInput, match="Nobody has opened this work"):
        approve_many(house.session, teacher, [(grade.id, grade.version)])


def test_a_second_click_on_approve_says_the_same_and_changes_nothing(
    teacher: Browser, house: House, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in()
    grade = marked(work)
    teacher.page(f"grading/submissions/{work.id}")
    answers = [teacher.post("grading/approve", {"grade": f"{grade.id}:1"}).status_code for _ in range(2)]
    assert answers == [303, 303] and len(house.session.scalars(select(Approval)).all()) == 1


def test_a_grade_that_was_changed_meanwhile_is_not_approved(house: House, handed_in: HandIn, marked: Mark) -> None:
    work, teacher = handed_in(), viewer_of(house, "teacher")
    marked(work)
    grade = marked(work, clarity="1")
    open_work(house.session, teacher, work)
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        approve_many(house.session, teacher, [(grade.id, 1)])


def test_one_step_releases_what_was_opened_and_names_the_rest(
    house: House, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    teacher, opened, unopened = viewer_of(house, "teacher"), handed_in(), handed_in(by="other_student")
    for work in (opened, unopened):
        marked(work, approved=True)
    open_work(house.session, teacher, opened)
    outcome = release_many(house.session, teacher, held)
    assert outcome.done == 1 and [each.name for each in outcome.left_out] == ["Other Student Canary"]
    assert house.session.scalars(select(Push.person_id)).all() == [house.student.id]
    states = {row.person.id: row.state for row in rows_of(house, held)}
    assert states[house.people["other_student"].id] is WorkState.HELD


def test_nothing_is_released_where_nobody_opened_anything(
    teacher: Browser, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    answer = teacher.post("grading/release", {})
    assert answer.status_code == 400 and "Nobody has opened this work" in answer.text


def test_who_approved_with_the_work_open_has_seen_it(
    teacher: Browser, house: House, held: Placement, handed_in: HandIn
) -> None:
    work = handed_in()
    page = teacher.page(f"grading/submissions/{work.id}")
    form = {field["name"]: field.get("value", "") for field in page.select("form#marking-form input[type=hidden]")}
    rubric = rubric_of(house.session, held)
    assert rubric is not None
    points = {f"points-{criterion.id}": "2" for criterion in rubric.criteria}
    teacher.post(f"grading/submissions/{work.id}/review", form | points | {"rubric": str(rubric.id), "approve": "1"})
    assert release_many(house.session, viewer_of(house, "teacher"), held).done == 1


def test_taking_back_leaves_the_marks_as_a_draft_that_can_be_approved(
    house: House, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    work, teacher = handed_in(), viewer_of(house, "teacher")
    grade = marked(work, approved=True)
    take_back(house.session, teacher, held, grade.id, 1)
    review = latest_review(house.session, work)
    assert review is not None and (review.version, review.grade_version) == (2, 2) and len(review.ticks) == 2
    open_work(house.session, teacher, work)
    assert [row.person.id for row in ready_to_approve(house.session, held, rows_of(house, held))] == [house.student.id]
    approve_many(house.session, teacher, [(grade.id, 2)])
    release_many(house.session, teacher, held)
    seen = find_feedback(house.session, viewer_of(house, "student", ACTIVITY), held)
    assert seen is not None and seen.review is not None and seen.review.id == review.id


def test_the_desk_holds_undoes_and_releases(
    teacher: Browser, student: Browser, house: House, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in()
    grade = marked(work, approved=True)
    assert "Graded" not in student.page("grading").get_text()
    assert "waits for its release" in teacher.page(f"grading/submissions/{work.id}").get_text()
    teacher.post("grading/undo", {"grade": f"{grade.id}:1"})
    teacher.post("grading/approve", {"grade": f"{grade.id}:2"})
    page = teacher.page("grading")
    assert "Release 1 grade" in page.get_text() and not house.session.scalars(select(Push)).all()
    assert "1 grade released" in teacher.follow(teacher.post("grading/release", {})).get_text()
    assert "Your grade: 8 / 10" in student.page("grading").get_text()


def test_a_released_grade_cannot_be_undone(teacher: Browser, held: Placement, handed_in: HandIn, marked: Mark) -> None:
    work = handed_in()
    grade = marked(work, approved=True)
    teacher.page(f"grading/submissions/{work.id}")
    teacher.post("grading/release", {})
    assert teacher.post("grading/undo", {"grade": f"{grade.id}:1"}).status_code == 400


def test_an_undo_of_what_changed_meanwhile_is_refused(
    teacher: Browser, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    work = handed_in()
    marked(work, approved=True)
    grade = marked(work, clarity="1", approved=True)
    answer = teacher.post("grading/undo", {"grade": f"{grade.id}:1"})
    assert answer.status_code == 400 and "changed meanwhile" in answer.text


def test_a_second_click_on_undo_changes_nothing(
    teacher: Browser, house: House, held: Placement, handed_in: HandIn, marked: Mark
) -> None:
    grade = marked(handed_in(), approved=True)
    answers = [teacher.post("grading/undo", {"grade": f"{grade.id}:1"}).status_code for _ in range(2)]
    house.session.refresh(grade)
    assert answers == [303, 303] and grade.version == 2


@pytest.mark.parametrize("path", ["approve", "release", "undo"])
def test_students_and_outsiders_release_nothing(student: Browser, path: str) -> None:
    assert student.post(f"grading/{path}", {"grade": "1:1"}).status_code == 403
