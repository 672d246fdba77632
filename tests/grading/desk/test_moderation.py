"""Two markers: neither sees the other, both marks are sealed, and a person makes one review of them."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.models import Grade
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.desk.models import How, IndependentMark, Reconciliation
from lti_tool.grading.desk.moderation import (
    independent_marks,
    marks_of,
    reconcile,
    save_mark,
    visible_marks,
)
from lti_tool.grading.desk.waiting import waiting_rows
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.queue import next_in_queue
from lti_tool.grading.reviewing import latest_review
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, Classroom, HandIn
from tests.grading.test_views import mark_form

FIRST, SECOND = "teacher", "non_editing_teacher"
Marks = Callable[..., IndependentMark]


@pytest.fixture
def two(house: House, activity: Placement) -> Placement:
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    house.session.flush()
    return activity


@pytest.fixture
def marks(house: House, two: Placement, rubric: Rubric) -> Marks:
    """marks(submission, by, clarity="3", reasons="5") -> that person's independent mark"""

    def made(submission: Submission, by: str, clarity: str = "3", reasons: str = "5") -> IndependentMark:
        filled = filled_form(rubric, clarity, reasons)
        return save_mark(house.session, viewer_of(house, by), two, submission, filled)

    return made


def filled_form(rubric: Rubric, clarity: str, reasons: str) -> Marking:
    ticks = zip(rubric.criteria, (clarity, reasons), strict=True)
    return Marking(
        rubric_id=rubric.id,
        seen=0,
        ticks={criterion.id: TickInput(points=Decimal(points)) for criterion, points in ticks},
        feedback="Good",
    )


def test_a_marker_sees_their_own_mark_alone_until_both_are_in(house: House, handed_in: HandIn, marks: Marks) -> None:
    work, second = handed_in(), viewer_of(house, SECOND)
    first_mark = marks(work, FIRST)
    assert visible_marks(second, marks_of(house.session, work)) == []
    assert visible_marks(viewer_of(house, FIRST), marks_of(house.session, work)) == [first_mark]
    marks(work, SECOND)
    assert len(visible_marks(second, marks_of(house.session, work))) == 2


def test_a_mark_is_no_grade(house: House, handed_in: HandIn, marks: Marks) -> None:
    marks(handed_in(), FIRST)
    assert house.session.scalars(select(Grade)).all() == []


def test_a_mark_saved_again_is_the_next_version_until_the_second_is_in(
    house: House, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    marks(work, FIRST, "1")
    assert marks(work, FIRST, "2").version == 2
    marks(work, SECOND)
    with pytest.raises(InvalidInput, match="Both marks are in"):
        marks(work, FIRST, "4")


def test_the_table_takes_no_mark_when_both_are_in_and_changes_none(
    house: House, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    marks(work, FIRST)
    last = marks(work, SECOND)
    values = {"submission_id": work.id, "marker_id": last.marker_id, "version": 9, "points": 1, "feedback": ""}
    for statement in (insert(IndependentMark).values(values), update(IndependentMark).values(points=1)):
        with pytest.raises(DBAPIError, match=r"both marks are in|never changed"), house.session.begin_nested():
            house.session.execute(statement)


def test_nothing_becomes_a_grade_before_both_marks_are_in(
    house: House, two: Placement, rubric: Rubric, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    marks(work, FIRST)
    with pytest.raises(InvalidInput, match="second mark is not in"):
        reconcile(house.session, viewer_of(house, FIRST), two, work, filled_form(rubric, "3", "5"))


@pytest.mark.parametrize(
    ("second", "result", "how"),
    [
        (("3", "5"), ("3", "5"), How.AGREED),
        (("1", "5"), ("2", "5"), How.MEAN),
        (("1", "6"), ("1", "6"), How.ONE),
        (("1", "6"), ("4", "0"), How.NEW),
    ],
)
def test_a_person_makes_one_review_and_its_way_is_kept(
    house: House,
    two: Placement,
    rubric: Rubric,
    handed_in: HandIn,
    marks: Marks,
    second: tuple[str, str],
    result: tuple[str, str],
    how: How,
) -> None:
    work = handed_in()
    marks(work, FIRST, "3", "5")
    marks(work, SECOND, *second)
    grade = reconcile(house.session, viewer_of(house, FIRST), two, work, filled_form(rubric, *result))
    review = latest_review(house.session, work)
    assert review is not None and grade.points == sum(Decimal(points) for points in result)
    assert house.session.get_one(Reconciliation, review.id).how == how


def test_both_marks_of_each_work_are_there_for_agreement(
    house: House, two: Placement, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    pair = [marks(work, FIRST), marks(work, SECOND)]
    assert independent_marks(house.session, two) == {work.id: pair}


def test_students_and_the_marked_person_mark_nobody(house: House, handed_in: HandIn, marks: Marks) -> None:
    work = handed_in()
    for name in ("student", "other_student"):
        with pytest.raises(NotAllowed):
            marks(work, name)


def test_the_second_marker_is_shown_nothing_of_the_first(
    enter: Enter, house: House, rubric: Rubric, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    marks(work, FIRST, "2.5", "1.5")
    text = enter(SECOND, ACTIVITY).page(f"grading/submissions/{work.id}")
    assert "One mark is in" in text.get_text() and "2.5" not in str(text) and "Approve and next" not in text.get_text()


def test_two_people_mark_on_the_page_and_one_takes_the_mean(
    enter: Enter, house: House, two: Placement, rubric: Rubric, handed_in: HandIn
) -> None:
    work = handed_in()
    path = f"grading/submissions/{work.id}"
    teacher, colleague = enter(FIRST, ACTIVITY), enter(SECOND, ACTIVITY)
    low = {f"level-{criterion.id}": str(criterion.levels[0].id) for criterion in rubric.criteria}
    for browser, changes in ((teacher, low), (colleague, {})):
        sent = mark_form(browser, work, rubric, approve="yes", **changes)
        assert browser.post(f"{path}/review", sent).status_code == 303
    page = teacher.page(f"{path}?take=mean")
    points = {str(field["value"]) for field in page.select('input[name^="points-"], input[checked]')}
    assert "Both marks are in" in page.get_text() and points
    assert house.session.scalars(select(Grade)).all() == []


def test_a_link_that_names_no_mark_fills_in_nothing(teacher: Browser, handed_in: HandIn) -> None:
    work = handed_in()
    page = teacher.page(f"grading/submissions/{work.id}?take=mean")
    assert not page.select("#marking-form input[checked]")


def test_work_that_waits_for_the_other_marker_is_not_put_before_its_marker_again(
    enter: Enter, house: House, two: Placement, classroom: Classroom, marks: Marks
) -> None:
    given, left = classroom("one", "two")
    marks(given, FIRST)
    own, other = (viewer_of(house, who) for who in (FIRST, SECOND))
    assert next_for(house, own, two) == left.id
    assert next_for(house, other, two) == given.id
    assert enter(FIRST, ACTIVITY).page("grading").text.count("Your mark is in") == 1
    marks(given, SECOND)
    assert next_for(house, own, two) == given.id


def test_both_marks_in_and_no_decision_is_a_state_of_its_own(
    enter: Enter, house: House, two: Placement, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    marks(work, FIRST)
    assert "to decide" not in enter(FIRST, ACTIVITY).page("grading").get_text()
    marks(work, SECOND)
    assert "Both marks are in, to decide" in enter(FIRST, ACTIVITY).page("grading").get_text()


def test_a_colleagues_note_is_shown_when_both_marks_are_in(
    enter: Enter, house: House, two: Placement, handed_in: HandIn, marks: Marks
) -> None:
    work = handed_in()
    enter(FIRST, ACTIVITY).post(f"grading/submissions/{work.id}/notes", {"note": "Looks copied"})
    colleague = enter(SECOND, ACTIVITY)
    assert "Looks copied" not in colleague.page(f"grading/submissions/{work.id}").get_text()
    marks(work, FIRST)
    marks(work, SECOND)
    assert "Looks copied" in colleague.page(f"grading/submissions/{work.id}").get_text()


def next_for(house: House, viewer: Viewer, activity: Placement) -> UUID:
    following = next_in_queue(waiting_rows(house.session, viewer, activity), 0)
    assert following is not None
    return following.id
