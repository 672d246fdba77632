"""Marks as pages show them: numbered on each page, with the criterion's number and the place in percent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

from lti_tool.grading.models import Criterion, Rubric
from lti_tool.grading.pagemarks.fields import COLUMNS, ROWS
from lti_tool.grading.pagemarks.models import KeptPageMark, MarkKind, PageMark

THIRDS = 3


@dataclass(frozen=True, kw_only=True)
class ShownMark:
    """One mark; `number` is its place in the list of its page, `criterion` the number of what it belongs to."""

    row: PageMark | KeptPageMark
    number: int
    criterion: int | None

    @property
    def kind(self) -> MarkKind:
        return MarkKind(self.row.kind)

    @property
    def is_said(self) -> bool:
        """Whether words or points stand beside it, so that it needs its number."""
        return bool(self.row.text) or self.row.points is not None

    @property
    def third(self) -> tuple[int, int]:
        """Where the middle of the mark stands, from the top and from the left."""
        x = self.row.x + (self.row.width or Decimal(0)) / 2
        y = self.row.y + (self.row.height or Decimal(0)) / 2
        return min(int(y * THIRDS), THIRDS - 1), min(int(x * THIRDS), THIRDS - 1)

    @property
    def right(self) -> Decimal:
        return self.row.x + (self.row.width or Decimal(0))

    @property
    def bottom(self) -> Decimal:
        return self.row.y + (self.row.height or Decimal(0))


@dataclass(frozen=True, kw_only=True)
class PageMarks:
    """All marks of a work as a page shows them; `may_change` where the viewer works with them."""

    by_page: Mapping[tuple[int, int], Sequence[ShownMark]] = field(default_factory=dict)
    criteria: Sequence[tuple[int, Criterion]] = ()
    may_change: bool = False
    has_keys: bool = False
    state: str = ""
    are_saved: bool = True
    has_others: bool = False
    """Whether marks of more than one person stand there, so that each needs its name."""
    criterion_id: int | None = None
    """What new marks belong to, where only one criterion is marked."""

    def on(self, file_number: int, page: int) -> Sequence[ShownMark]:
        return self.by_page.get((file_number, page), ())

    @property
    def rows(self) -> range:
        return range(1, ROWS + 1)

    @property
    def columns(self) -> range:
        return range(1, COLUMNS + 1)

    @staticmethod
    def new_key() -> str:
        """Names a form, so that it is taken once however often it is sent."""
        return str(uuid4())


def numbered_criteria(rubric: Rubric | None) -> list[tuple[int, Criterion]]:
    return list(enumerate(rubric.criteria, start=1)) if rubric else []


def by_page(
    marks: Iterable[PageMark] | Iterable[KeptPageMark], rubric: Rubric | None
) -> dict[tuple[int, int], list[ShownMark]]:
    """Numbered from 1 on each (file, page)."""
    numbers = {criterion.id: number for number, criterion in numbered_criteria(rubric)}
    pages: dict[tuple[int, int], list[ShownMark]] = {}
    for mark in marks:
        page = pages.setdefault((mark.file_number, mark.page), [])
        criterion = numbers.get(mark.criterion_id or 0)
        page.append(ShownMark(row=mark, number=len(page) + 1, criterion=criterion))
    return pages
