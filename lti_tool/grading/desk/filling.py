"""What stands in the marking form: the last review, one's own mark, what the other form brought, or ticks taken over.

Taking ticks over only fills the form; a person looks, saves and approves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from lti_tool.grading.desk.evidence import as_lines
from lti_tool.grading.desk.models import IndependentMark
from lti_tool.grading.desk.moderation import mean_points
from lti_tool.grading.marking_form import FIELD
from lti_tool.grading.models import Level, Review, Rubric
from lti_tool.grading.proposals.showing import ShownProposal
from lti_tool.grading.ticking import LONGEST_QUOTE, MOST_QUOTES


@dataclass(frozen=True, kw_only=True)
class FilledTick:
    """The fields of one criterion as they stand in the form."""

    level: str = ""
    points: str = ""
    comment: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Filling:
    """The whole form."""

    ticks: Mapping[int, FilledTick] = field(default_factory=dict)
    points: str = ""
    feedback: str = ""

    def of(self, criterion_id: int) -> FilledTick:
        return self.ticks.get(criterion_id, FilledTick())


class ChosenPoints(Protocol):
    """A tick of anybody: of a review, of a mark, of a proposal."""

    @property
    def criterion_id(self) -> int: ...
    @property
    def level_id(self) -> int | None: ...
    @property
    def level(self) -> Level | None: ...
    @property
    def points(self) -> Decimal: ...


def from_decision(decided: Review | IndependentMark | None) -> Filling:
    """As it was saved."""
    if decided is None:
        return Filling()
    ticks = {
        tick.criterion_id: FilledTick(**filled_points(tick), comment=tick.comment, evidence=as_lines(tick.evidence))
        for tick in decided.ticks
    }
    return Filling(ticks=ticks, points=_number(decided.points), feedback=decided.feedback)


def from_form(fields: Mapping[str, str]) -> Filling:
    """As it was sent, when it comes back with an error."""
    parts: dict[int, dict[str, str]] = {}
    for name, value in fields.items():
        if found := FIELD.fullmatch(name):
            parts.setdefault(int(found[2]), {})[found[1]] = value
    return Filling(
        ticks={criterion: FilledTick(**given) for criterion, given in parts.items()},
        points=fields.get("points", ""),
        feedback=fields.get("feedback", ""),
    )


def from_mean(rubric: Rubric | None, first: IndependentMark, second: IndependentMark) -> Filling:
    """The mean of two marks on each criterion, with both remarks and both texts to edit."""
    mean = mean_points(first, second)
    feedback = "\n\n".join(text for text in (first.feedback, second.feedback) if text)
    if rubric is None:
        return Filling(points=_number(mean.get(0, Decimal(0))), feedback=feedback)
    ticks = {
        criterion.id: FilledTick(
            level=_level(criterion.levels, mean.get(criterion.id)),
            points="" if _level(criterion.levels, mean.get(criterion.id)) else _number(mean[criterion.id]),
            comment=_both(first, second, criterion.id),
            evidence=as_lines(dict.fromkeys(_quotes(first, criterion.id) + _quotes(second, criterion.id))),
        )
        for criterion in rubric.criteria
        if criterion.id in mean
    }
    return Filling(ticks=ticks, feedback=feedback)


def from_proposal(proposal: ShownProposal) -> Filling:
    """The assistant's ticks with the quotations that stand in the work; its reasons are for the marker alone."""
    ticks = {
        tick.criterion_id: FilledTick(**filled_points(tick), evidence=as_lines(_usable(tick.quotes)))
        for tick in proposal.ticks
    }
    return Filling(ticks=ticks, points=_number(proposal.points), feedback=proposal.feedback)


def _usable(quotes: Iterable[str]) -> list[str]:
    lines = (" ".join(quote.split()) for quote in quotes)
    return [line for line in lines if len(line) <= LONGEST_QUOTE][:MOST_QUOTES]


def filled_points(tick: ChosenPoints) -> dict[str, str]:
    """The level, and points beside it only where they are not the level's own."""
    is_as_level = tick.level is not None and tick.points == tick.level.points
    return {"level": str(tick.level_id or ""), "points": "" if is_as_level else _number(tick.points)}


def _level(levels: Iterable[Level], points: Decimal | None) -> str:
    return next((str(level.id) for level in levels if level.points == points), "")


def _both(first: IndependentMark, second: IndependentMark, criterion_id: int) -> str:
    comments = [tick.comment for mark in (first, second) for tick in mark.ticks if tick.criterion_id == criterion_id]
    return " / ".join(dict.fromkeys(comment for comment in comments if comment))


def _quotes(mark: IndependentMark, criterion_id: int) -> list[str]:
    return [quote for tick in mark.ticks if tick.criterion_id == criterion_id for quote in tick.evidence]


def _number(points: Decimal) -> str:
    return f"{points.normalize():f}"
