"""A rubric as people write it, one criterion on a line, and as `Placement.options` keeps it.

Clarity: unclear 0 | partly clear 2 | clear 4
Reasons: 8                                          (the levels are made: 0, 2, 4, 6, 8)
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import InvalidInput

MOST_CRITERIA = 30
MOST_LEVELS = 10
LONGEST_TITLE = 200
MOST_POINTS = 100
SINGLE_STEPS = 5
NUMBER = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, kw_only=True)
class LevelPlan:
    """A level to be made."""

    title: str
    points: int


@dataclass(frozen=True, kw_only=True)
class CriterionPlan:
    """A criterion to be made; its best level gives all its points."""

    title: str
    levels: tuple[LevelPlan, ...]

    @property
    def points(self) -> int:
        return max(level.points for level in self.levels)


def read_rubric(text: str, *, points: int) -> list[CriterionPlan]:
    """The criteria of a text, which add up to the activity's points; raises InvalidInput."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_CRITERIA:
        raise InvalidInput(
            "rubric_refused",
            "A rubric has from 1 to %(most_criteria)s criteria, one on a line.",
            {"most_criteria": MOST_CRITERIA},
        )
    criteria = [_criterion(line) for line in lines]
    _require_different(criterion.title for criterion in criteria)
    total = sum(criterion.points for criterion in criteria)
    if total != points:
        raise InvalidInput(
            "rubric_sum",
            "The criteria add up to %(total)s points, the activity has %(points)s.",
            {"total": total, "points": points},
        )
    return criteria


def write_rubric(criteria: Iterable[CriterionPlan]) -> str:
    """The text that `read_rubric` reads as these criteria."""
    return "\n".join(f"{criterion.title}: {_levels_text(criterion)}" for criterion in criteria)


def from_options(options: Mapping[str, Any]) -> list[CriterionPlan]:
    """What the picker, or an earlier rubric of a copied activity, left in the placement's options."""
    return [
        CriterionPlan(
            title=kept["title"],
            levels=tuple(LevelPlan(**level) for level in kept.get("levels", [])) or made_levels(kept["points"]),
        )
        for kept in options.get("rubric", [])
    ]


def as_options(criteria: Iterable[CriterionPlan]) -> list[dict[str, Any]]:
    """The criteria for `options["rubric"]`, so that a copied course keeps its rubric."""
    return [
        {
            "title": criterion.title,
            "points": criterion.points,
            "levels": [{"title": level.title, "points": level.points} for level in criterion.levels],
        }
        for criterion in criteria
    ]


def made_levels(points: int) -> tuple[LevelPlan, ...]:
    """Every point where they are few, else quarters, as whole numbers."""
    steps: Sequence[int] = range(points + 1)
    if points > SINGLE_STEPS:
        steps = [(points * quarter + 2) // 4 for quarter in range(5)]
    return tuple(LevelPlan(title="", points=step) for step in steps)


def _criterion(line: str) -> CriterionPlan:
    title, _colon, rest = line.rpartition(":")
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE or not line.isprintable():
        raise _unreadable(line)
    if NUMBER.fullmatch(rest.strip()):
        return CriterionPlan(title=title, levels=made_levels(_points(rest, line)))
    levels = tuple(_level(part, line) for part in rest.split("|"))
    if not 2 <= len(levels) <= MOST_LEVELS:
        raise InvalidInput(
            "rubric_refused",
            "“%(title)s” needs from 2 to %(most_levels)s levels.",
            {"title": title, "most_levels": MOST_LEVELS},
        )
    _require_different(f"{level.title} {level.points}" for level in levels)
    criterion = CriterionPlan(title=title, levels=levels)
    if criterion.points == 0:
        raise InvalidInput("rubric_refused", "“%(title)s” needs a level that gives points.", {"title": title})
    return criterion


def _level(part: str, line: str) -> LevelPlan:
    title, _space, number = part.strip().rpartition(" ")
    if len(title) > LONGEST_TITLE or not NUMBER.fullmatch(number):
        raise _unreadable(line)
    return LevelPlan(title=title.strip(), points=_points(number, line, least=0))


def _points(number: str, line: str, least: int = 1) -> int:
    points = int(number)
    if not least <= points <= MOST_POINTS:
        raise _unreadable(line)
    return points


def _levels_text(criterion: CriterionPlan) -> str:
    if criterion.levels == made_levels(criterion.points):
        return str(criterion.points)
    return " | ".join(f"{level.title} {level.points}".strip() for level in criterion.levels)


def _require_different(titles: Iterable[str]) -> None:
    seen: set[str] = set()
    for title in titles:
        if title in seen:
            raise InvalidInput("rubric_refused", "“%(title)s” stands there twice.", {"title": title})
        seen.add(title)


def _unreadable(line: str) -> InvalidInput:
    return InvalidInput(
        "rubric_refused",
        "This line cannot be read: “%(line)s”. Write it as “Clarity: unclear 0 | clear 4”.",
        {"line": line[:80]},
    )
