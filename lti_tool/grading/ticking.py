"""From a filled-in form to ticks on a rubric, their sum, and the words that stand for them in a gradebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Criterion, Level, Rubric
from lti_tool.grading.rubrics.scoring import grade_points

LONGEST_REMARK = 500
LONGEST_QUOTE = 500
MOST_QUOTES = 10


@dataclass(frozen=True, kw_only=True)
class ChosenTick:
    """What was chosen on one criterion, checked against it."""

    criterion: Criterion
    level: Level | None
    points: Decimal
    comment: str
    evidence: tuple[str, ...]

    @property
    def columns(self) -> dict[str, Any]:
        """As the rows of ticks hold it."""
        return {
            "criterion_id": self.criterion.id,
            "level_id": self.level.id if self.level else None,
            "points": self.points,
            "comment": self.comment,
            "evidence": list(self.evidence),
        }


def chosen_ticks(rubric: Rubric | None, marking: Marking) -> list[ChosenTick]:
    """One for each criterion; none without a rubric. Raises InvalidInput."""
    criteria = rubric.criteria if rubric else []
    if set(marking.ticks) - {criterion.id for criterion in criteria}:
        raise InvalidInput("criterion_unknown", "The form does not fit the rubric. Reload the page and mark again.")
    return [chosen_tick(criterion, marking.ticks.get(criterion.id, TickInput())) for criterion in criteria]


def total_of(ticks: Sequence[ChosenTick], marking: Marking, rubric: Rubric | None, placement: Placement) -> Decimal:
    """The points of the grade: from the ticks where there is a rubric, else as given. Raises InvalidInput."""
    if rubric is not None:
        given = {tick.criterion.id: tick.points for tick in ticks}
        return grade_points(rubric, given, maximum=placement.points or rubric.points)
    if marking.points is None:
        raise InvalidInput("points_missing", "Give the points.")
    return marking.points


def comment_of(ticks: Sequence[ChosenTick], feedback: str) -> str:
    """Plain text, as a gradebook shows it."""
    lines = [_line(tick) for tick in ticks]
    return "\n\n".join(part for part in ("\n".join(lines), feedback) if part)


def _line(tick: ChosenTick) -> str:
    """`Clarity: 3 / 4 (clear) - the second part repeats the first`"""
    # Points set by hand are not what the level stands for.
    is_as_level = tick.level is not None and tick.level.title and tick.points == tick.level.points
    level = f" ({tick.level.title})" if is_as_level and tick.level else ""
    remark = f" - {tick.comment}" if tick.comment else ""
    remark += "".join(f" “{quote}”" for quote in tick.evidence)
    return f"{tick.criterion.title}: {tick.points.normalize():f} / {tick.criterion.points:f}{level}{remark}"


def chosen_tick(criterion: Criterion, given: TickInput) -> ChosenTick:
    """One choice, checked against its criterion. Raises InvalidInput."""
    level = _level(criterion, given.level_id)
    if given.points is None and level is None:
        raise InvalidInput(
            "criterion_open", "Choose a level for “%(title)s”, or give points.", {"title": criterion.title}
        )
    points = Decimal(level.points) if given.points is None and level else given.points or Decimal(0)
    if points > criterion.points:
        raise InvalidInput(
            "points_out_of_range",
            "“%(title)s” has at most %(points)s points.",
            {"title": criterion.title, "points": criterion.points},
        )
    _check_words(given)
    return ChosenTick(
        criterion=criterion, level=level, points=points, comment=given.comment, evidence=tuple(given.evidence)
    )


def _check_words(given: TickInput) -> None:
    if len(given.comment) > LONGEST_REMARK or not given.comment.isprintable():
        raise InvalidInput(
            "remark_unusable",
            "A remark on a criterion has at most %(longest_remark)s characters.",
            {"longest_remark": LONGEST_REMARK},
        )
    if len(given.evidence) > MOST_QUOTES or any(len(quote) > LONGEST_QUOTE for quote in given.evidence):
        raise InvalidInput(
            "evidence_unusable",
            "A criterion has at most %(most)s quotations of %(longest)s characters.",
            {"most": MOST_QUOTES, "longest": LONGEST_QUOTE},
        )


def _level(criterion: Criterion, level_id: int | None) -> Level | None:
    if level_id is None:
        return None
    for level in criterion.levels:
        if level.id == level_id:
            return level
    raise InvalidInput("level_unknown", "The form does not fit the rubric. Reload the page and mark again.")
