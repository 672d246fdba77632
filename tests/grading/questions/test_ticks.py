"""Question by question: ticks are kept one by one, a whole work becomes a review, and no tick is overwritten unseen."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.desk.moderation import marks_of
from lti_tool.grading.marking_form import TickInput
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.pagemarks.keeping import kept_marks
from lti_tool.grading.questions.models import QuestionTick
from lti_tool.grading.questions.standing import NOTHING, Closed, Standing, standing_of
from lti_tool.grading.questions.ticks import save_tick
from lti_tool.grading.reviewing import latest_review
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark

FIRST, SECOND = "teacher", "non_editing_teacher"
Tick = Callable[..., bool]


@pytest.fixture
def tick(house: House, activity: Placement, rubric: Rubric) -> Tick:
    """tick(work, 0, "3", seen="0", by="teacher") -> whether the work is whole; 0 is the first question"""

    def made(
        work: Submission, question: int, points: str, seen: str = NOTHING, by: str = FIRST, comment: str = ""
    ) -> bool:
        choice = TickInput(points=Decimal(points), comment=comment)
        criterion = rubric.criteria[question]
        return save_tick(house.session, viewer_of(house, by), activity, work, criterion, choice, seen=seen)

    return made


def standing(house: House, activity: Placement, rubric: Rubric, work: Submission, by: str = FIRST) -> Standing:
    return standing_of(house.session, viewer_of(house, by), activity, rubric, work)


def test_one_tick_is_kept_and_is_no_grade(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, tick: Tick
) -> None:
    work = handed_in()
    assert tick(work, 0, "3") is False
    found = standing(house, activity, rubric, work, SECOND)
    assert [given.points for given in found.ticks.values()] == [3]
    assert house.session.scalars(select(Grade)).all() == []


def test_the_last_tick_makes_the_work_whole_and_approves_nothing(house: House, handed_in: HandIn, tick: Tick) -> None:
    work = handed_in()
    tick(work, 1, "5", comment="Two reasons")
    assert tick(work, 0, "3", by=SECOND) is True
    review = latest_review(house.session, work)
    assert review is not None and review.points == 8
    assert [one.comment for one in review.ticks] == ["", "Two reasons"]
    assert house.session.scalars(select(QuestionTick)).all() == []
    assert house.session.scalar(select(func.count()).select_from(Approval)) == 0


def test_a_tick_sent_twice_is_kept_once_also_when_it_was_the_last(house: House, handed_in: HandIn, tick: Tick) -> None:
    work = handed_in()
    for question in (0, 0, 1, 1):
        tick(work, question, "3")
    review = latest_review(house.session, work)
    assert review is not None and review.version == 1


def test_a_tick_does_not_overwrite_what_somebody_else_chose_meanwhile(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, tick: Tick
) -> None:
    work = handed_in()
    tick(work, 0, "3")
    with pytest.raises(InvalidInput, match="Somebody else has marked this question"):
        tick(work, 0, "1", by=SECOND)
    seen = standing(house, activity, rubric, work, SECOND).seen_of(rubric.criteria[0].id)
    tick(work, 0, "1", seen=seen, by=SECOND)
    with pytest.raises(InvalidInput, match="Somebody else has marked this question"):
        tick(work, 0, "2", seen=seen)


def test_a_tick_on_a_whole_work_changes_its_review_and_leaves_the_rest_of_it(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, marked: Mark, tick: Tick
) -> None:
    work = handed_in()
    marked(work, feedback="Well done")
    with pytest.raises(InvalidInput, match="Somebody else"):
        tick(work, 0, "1")
    seen = standing(house, activity, rubric, work).seen_of(rubric.criteria[0].id)
    tick(work, 0, "1", seen=seen)
    review = latest_review(house.session, work)
    assert review is not None and (review.version, review.points, review.feedback) == (2, 6, "Well done")


def test_marks_on_pages_of_all_who_marked_come_into_the_review(
    house: House, paper: Submission, placed: Callable[..., object], tick: Tick
) -> None:
    placed(paper, by=FIRST)
    tick(paper, 0, "3")
    placed(paper, by=SECOND, page=2)
    tick(paper, 1, "5", by=SECOND)
    assert len(kept_marks(house.session, latest_review(house.session, paper))) == 2


def test_an_approved_grade_is_changed_on_the_desk_alone(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, marked: Mark, tick: Tick
) -> None:
    work = handed_in()
    marked(work, approved=True)
    found = standing(house, activity, rubric, work)
    assert found.closed is Closed.APPROVED
    with pytest.raises(InvalidInput, match="on the desk"):
        tick(work, 0, "1", seen=found.seen_of(rubric.criteria[0].id))


def test_two_markers_tick_without_seeing_each_other_until_both_are_in(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, tick: Tick
) -> None:
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    work = handed_in()
    for by in (FIRST, SECOND):
        tick(work, 0, "3", by=by)
        assert len(standing(house, activity, rubric, work, by).ticks) == 1
        assert tick(work, 1, "5", by=by) is True
    assert len(marks_of(house.session, work)) == 2 and latest_review(house.session, work) is None
    assert standing(house, activity, rubric, work).closed is Closed.SEALED


def test_points_beyond_the_question_and_work_that_was_replaced_are_refused(handed_in: HandIn, tick: Tick) -> None:
    work = handed_in()
    with pytest.raises(InvalidInput, match="at most 4 points"):
        tick(work, 0, "5")
    handed_in()
    with pytest.raises(InvalidInput, match="handed in again"):
        tick(work, 0, "3")


def test_neither_students_nor_the_marked_person_tick(handed_in: HandIn, tick: Tick) -> None:
    work = handed_in()
    for by in ("student", "other_student"):
        with pytest.raises(NotAllowed):
            tick(work, 0, "3", by=by)
