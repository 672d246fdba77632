"""A rubric as lines of text, one criterion on a line, for pasting.

Clarity: unclear 0 | partly clear 2 | clear 4
Reasons: 8                                          (the levels are made: 0, 2, 4, 6, 8)
"""

import re
from decimal import Decimal

from lti_tool.errors import InvalidInput
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, RubricDraft, best, checked, made_levels

NUMBER = re.compile(r"[0-9]{1,4}([.,][0-9]{1,3})?")


def read_lines(text: str) -> RubricDraft:
    """The criteria of a text; raises InvalidInput."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return checked(RubricDraft(criteria=tuple(_criterion(line) for line in lines)))


def levels_line(criterion: CriterionDraft) -> str:
    """`unclear 0 | clear 4`, or the points where the levels are those that points alone make."""
    if criterion.levels in ((), made_levels(criterion.points)):
        return f"{criterion.points:f}"
    return " | ".join(f"{level.title} {level.points:f}".strip() for level in criterion.levels)


def write_lines(draft: RubricDraft) -> str:
    """The text that `read_lines` reads, as far as lines can say it."""
    return "\n".join(f"{criterion.title}: {levels_line(criterion)}" for criterion in draft.criteria)


def _criterion(line: str) -> CriterionDraft:
    title, _colon, rest = line.rpartition(":")
    if not title.strip():
        raise _unreadable(line)
    if NUMBER.fullmatch(rest.strip()):
        levels = made_levels(_points(rest))
    else:
        levels = tuple(_level(part, line) for part in rest.split("|"))
    return CriterionDraft(title=title.strip(), points=best(levels), levels=levels)


def _level(part: str, line: str) -> LevelDraft:
    title, _space, number = part.strip().rpartition(" ")
    if not NUMBER.fullmatch(number):
        raise _unreadable(line)
    return LevelDraft(title=title.strip(), points=_points(number))


def _points(number: str) -> Decimal:
    return Decimal(number.strip().replace(",", "."))


def _unreadable(line: str) -> InvalidInput:
    return InvalidInput(
        "rubric_refused",
        "This line cannot be read: “%(line)s”. Write it as “Clarity: unclear 0 | clear 4”.",
        {"line": line[:80]},
    )
