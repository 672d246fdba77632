"""What an approved grade of a Moodle assignment consists of: which work, which words, which fillings of its rubric.

The marking desk lies above the gradebook, so it registers here who knows; asked for when a grade is on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class Filling:
    """One criterion, by Moodle's numbers; a marking guide has points in place of a level."""

    criterion: int
    level: int | None
    points: Decimal
    remark: str


@dataclass(frozen=True, kw_only=True)
class Marked:
    """`attempt` and `changed_at` say which state of the work in Moodle was marked, as Moodle counts.

    `is_on_paper`: what was marked never lay in Moodle.
    """

    attempt: int
    changed_at: int
    feedback: str
    fillings: tuple[Filling, ...] = ()
    is_on_paper: bool = False

    @property
    def is_in_moodle(self) -> bool:
        return not self.is_on_paper


FindMarked = Callable[[Session, int, int], Marked | None]
FINDERS: list[FindMarked] = []


def finds_marked(finder: FindMarked) -> FindMarked:
    """Register a function of session, grade and version."""
    FINDERS.append(finder)
    return finder


def find_marked(session: Session, grade_id: int, version: int) -> Marked | None:
    """None for a grade that was given without work."""
    found: Sequence[Marked | None] = [finder(session, grade_id, version) for finder in FINDERS]
    return next((marked for marked in found if marked is not None), None)
