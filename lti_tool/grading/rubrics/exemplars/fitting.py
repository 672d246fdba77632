"""The exemplars that a rubric can be read with, also those given on an earlier version of it.

A tick fits where the rubric still has a criterion of that title and, for a level, one of that title with those points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Criterion, Level, Rubric
from lti_tool.grading.rubrics.exemplars.models import Exemplar, ExemplarTick


@dataclass(frozen=True, kw_only=True)
class FittingTick:
    """What the answer got on one criterion of the rubric that was asked about."""

    criterion: Criterion
    level: Level | None
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class FittingExemplar:
    """A graded answer without its author, with the ticks that fit; `note` is the teacher's word on it."""

    id: UUID
    text: str
    note: str
    ticks: tuple[FittingTick, ...]


def exemplars_of(session: Session, rubric: Rubric) -> list[FittingExemplar]:
    """The exemplars of the rubric's activity with at least one tick that fits, oldest first."""
    kept = session.scalars(
        select(Exemplar).where(Exemplar.placement_id == rubric.placement_id).order_by(Exemplar.created_at, Exemplar.id)
    )
    fitting = ((exemplar, _fitting(exemplar, rubric)) for exemplar in kept)
    return [
        FittingExemplar(id=exemplar.id, text=exemplar.text, note=exemplar.note, ticks=ticks)
        for exemplar, ticks in fitting
        if ticks
    ]


def outgrown(session: Session, placement: Placement, shown: Sequence[FittingExemplar]) -> Sequence[Exemplar]:
    """The exemplars that fit nothing of the rubric any more."""
    fitting = [exemplar.id for exemplar in shown]
    return session.scalars(
        select(Exemplar)
        .where(Exemplar.placement_id == placement.id, Exemplar.id.not_in(fitting))
        .order_by(Exemplar.created_at, Exemplar.id)
    ).all()


def _fitting(exemplar: Exemplar, rubric: Rubric) -> tuple[FittingTick, ...]:
    by_title = {criterion.title: criterion for criterion in rubric.criteria}
    found = (_tick(tick, by_title) for tick in exemplar.ticks)
    return tuple(tick for tick in found if tick is not None)


def _tick(tick: ExemplarTick, by_title: Mapping[str, Criterion]) -> FittingTick | None:
    criterion = by_title.get(tick.criterion.title)
    if criterion is None or tick.points > criterion.points:
        return None
    level = _level(tick.level, criterion)
    # Points set by hand name no level; they fit wherever the criterion gives as much.
    if tick.level is not None and level is None:
        return None
    return FittingTick(criterion=criterion, level=level, points=tick.points)


def _level(level: Level | None, criterion: Criterion) -> Level | None:
    if level is None:
        return None
    return next((one for one in criterion.levels if (one.title, one.points) == (level.title, level.points)), None)
