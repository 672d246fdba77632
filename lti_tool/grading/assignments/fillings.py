"""From a marker's ticks to the fillings of Moodle's own rubric or guide, and which ticks Moodle could not hold."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.assignments.marked import Filling, Marked, finds_marked
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.models import Criterion, Level, Review, Tick

FROM_MOODLE = "moodle"
"""The origin of a rubric that was taken over from Moodle."""


class Choice(Protocol):
    """What a marker chose on one criterion, saved or about to be."""

    @property
    def criterion(self) -> Criterion: ...

    @property
    def level(self) -> Level | None: ...

    @property
    def points(self) -> Decimal: ...


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
    return Marked(
        attempt=work.attempt, changed_at=work.changed_at, feedback=review.feedback, fillings=fillings_of(review)
    )


def fillings_of(review: Review) -> tuple[Filling, ...]:
    """All ticks by Moodle's numbers; none where a criterion is not Moodle's."""
    fillings = tuple(_filling(tick) for tick in review.ticks if tick.criterion.moodle_id is not None)
    return fillings if len(fillings) == len(review.ticks) else ()


def require_fillable(session: Session, placement: Placement, choices: Iterable[Choice]) -> None:
    """Raises InvalidInput where Moodle's rubric has no place for a choice: it knows levels and nothing between."""
    if _method(session, placement) != GradingMethod.RUBRIC:
        return
    for choice in choices:
        if choice.level is None or choice.points != choice.level.points:
            raise InvalidInput(
                "level_needed",
                "Moodle's rubric knows nothing between its levels. Choose a level for “%(title)s”.",
                {"title": choice.criterion.title},
            )


def require_unfilled(session: Session, placement: Placement) -> None:
    """Raises InvalidInput where Moodle calculates the grade from a rubric, so that points alone mean nothing to it."""
    if _is_filled(session, placement):
        raise InvalidInput(
            "rubric_needed", "Moodle calculates this grade from its rubric. Grade who handed in nothing in Moodle."
        )


def require_own_rubric(session: Session, placement: Placement, origin: str) -> None:
    """Raises InvalidInput for a change here of a rubric that is Moodle's."""
    if origin != FROM_MOODLE and _is_filled(session, placement):
        raise InvalidInput(
            "rubric_of_moodle", "This rubric is kept in Moodle. Change it there, then take it over again."
        )


def _is_filled(session: Session, placement: Placement) -> bool:
    return _method(session, placement) not in {None, GradingMethod.POINTS}


def _method(session: Session, placement: Placement) -> str | None:
    return session.scalar(select(MoodleAssignment.method).where(MoodleAssignment.placement_id == placement.id))


def _filling(tick: Tick) -> Filling:
    return Filling(
        criterion=tick.criterion.moodle_id or 0,
        level=tick.level.moodle_id if tick.level else None,
        points=tick.points,
        remark=tick.comment,
    )
