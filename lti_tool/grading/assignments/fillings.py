"""From a marker's ticks to the fillings of Moodle's own rubric or guide, and which ticks Moodle could not hold."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.assignments.marked import Filling, Marked, finds_marked
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.models import Review, Tick


@finds_marked
def marked_work(session: Session, grade_id: int, version: int) -> Marked | None:
    """What the approved version of a grade was made from; None where it was given without work."""
    row = session.execute(
        select(Review, PulledWork)
        .join(PulledWork, PulledWork.submission_id == Review.submission_id)
        .where(Review.grade_id == grade_id, Review.grade_version == version)
        .order_by(Review.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    review, work = row
    fillings = tuple(_filling(tick) for tick in review.ticks if tick.criterion.moodle_id is not None)
    is_whole = len(fillings) == len(review.ticks)
    return Marked(
        attempt=work.attempt,
        changed_at=work.changed_at,
        feedback=review.feedback,
        fillings=fillings if is_whole else (),
    )


def require_fillable(session: Session, placement: Placement, ticks: Iterable[Tick]) -> None:
    """Raises InvalidInput where Moodle's rubric has no place for a tick: it knows levels and nothing between."""
    method = session.scalar(select(MoodleAssignment.method).where(MoodleAssignment.placement_id == placement.id))
    if method != GradingMethod.RUBRIC:
        return
    for tick in ticks:
        if tick.level is None or tick.points != tick.level.points:
            raise InvalidInput(
                "level_needed",
                "Moodle's rubric knows nothing between its levels. Choose a level for “%(title)s”.",
                {"title": tick.criterion.title},
            )


def require_unfilled(session: Session, placement: Placement) -> None:
    """Raises InvalidInput where Moodle calculates the grade from a rubric, so that points alone mean nothing to it."""
    method = session.scalar(select(MoodleAssignment.method).where(MoodleAssignment.placement_id == placement.id))
    if method not in {None, GradingMethod.POINTS}:
        raise InvalidInput(
            "rubric_needed", "Moodle calculates this grade from its rubric. Grade who handed in nothing in Moodle."
        )


def _filling(tick: Tick) -> Filling:
    return Filling(
        criterion=tick.criterion.moodle_id or 0,
        level=tick.level.moodle_id if tick.level else None,
        points=tick.points,
        remark=tick.comment,
    )
