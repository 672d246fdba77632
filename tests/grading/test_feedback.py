"""What a student learns of a grade: what a person approved, and nothing else."""

from decimal import Decimal

from lti_tool.accounts.models import Placement
from lti_tool.grading.feedback import Feedback, find_feedback
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark


def seen_by(house: House, activity: Placement, name: str = "student") -> Feedback | None:
    return find_feedback(house.session, viewer_of(house, name), activity)


def test_a_draft_is_not_seen(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in())
    assert seen_by(house, activity) is None


def test_an_approved_grade_is_seen_with_its_ticks(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in(), approved=True)
    seen = seen_by(house, activity)
    assert seen is not None and seen.review is not None
    assert [seen.approval.points, *(tick.points for tick in seen.review.ticks)] == [Decimal(8), Decimal(3), Decimal(5)]


def test_a_later_draft_leaves_the_approved_one_to_be_seen(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark
) -> None:
    submission = handed_in()
    marked(submission, approved=True)
    marked(submission, clarity="4", reasons="4", feedback="Secret")
    seen = seen_by(house, activity)
    assert seen is not None and seen.review is not None
    assert (seen.review.feedback, [str(tick.points) for tick in seen.review.ticks]) == ("Good", ["3.000", "5.000"])


def test_nobody_elses_grade_is_seen(house: House, activity: Placement, handed_in: HandIn, marked: Mark) -> None:
    marked(handed_in(), approved=True)
    assert seen_by(house, activity, "other_student") is None
