"""What is drawn over one page of a marked copy: its ink in points of the page, and the column of words beside it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.grading.pagemarks.models import MarkKind
from lti_tool.grading.pagemarks.showing import ShownMark

SHORT_SIDE = 595
"""Of an A4 page in points: on larger and smaller pages ink and words grow and shrink with it."""
COLUMN, INDENT, LETTERS = 200, 10, 9
GLYPH = 24
"""How wide a tick is in its own drawing."""
TICK, CROSS, NUMBER = 0.045, 0.045, 0.05
RIGHT_TO_LEFT = {"R", "AL"}


@dataclass(frozen=True, kw_only=True)
class DrawnMark:
    """A mark in points of the page; `scale` is how much larger than its own drawing a glyph is."""

    shown: ShownMark
    x: float
    y: float
    width: float
    height: float
    scale: float
    badge: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class DrawnSheet:
    """One page with its marks; `name` is its anchor."""

    name: str
    page: int
    width: float
    height: float
    unit: float
    marks: Sequence[DrawnMark]

    @property
    def style(self) -> str:
        """The sheet of paper: the page, and room at its right for what is said about it."""
        indent, column = INDENT * self.unit, COLUMN * self.unit if self.has_words else 0
        left = indent + (self.width if self.has_words else 0)
        margin = f"{indent:.2f}pt {indent:.2f}pt {indent:.2f}pt {left:.2f}pt"
        return (
            f"@page {self.name} {{ size: {self.width + column:.2f}pt {self.height:.2f}pt; margin: {margin}; }}\n"
            f"#{self.name} {{ page: {self.name}; font-size: {LETTERS * self.unit:.2f}pt; }}\n"
            f"#{self.name} .ink {{ left: {-left:.2f}pt; top: {-indent:.2f}pt; }}\n"
        )

    @property
    def has_words(self) -> bool:
        """Where nothing is said, the page needs no column beside it."""
        return any(mark.shown.is_said for mark in self.marks)


def drawn_sheet(file_number: int, page: int, size: Sequence[float], marks: Sequence[ShownMark]) -> DrawnSheet:
    """Everything over one page of that width and height."""
    width, height = size
    return DrawnSheet(
        name=f"sheet-{file_number}-{page}",
        page=page,
        width=width,
        height=height,
        unit=min(width, height) / SHORT_SIDE,
        marks=[_drawn(shown, width, height) for shown in marks],
    )


def is_rtl(words: str) -> bool:
    """Whether a text begins in a script that is written from the right."""
    first = next((kind for sign in words if (kind := unicodedata.bidirectional(sign)) in {"L", *RIGHT_TO_LEFT}), "L")
    return first in RIGHT_TO_LEFT


def _drawn(shown: ShownMark, width: float, height: float) -> DrawnMark:
    row, size = shown.row, NUMBER if shown.kind is MarkKind.COMMENT else TICK
    return DrawnMark(
        shown=shown,
        x=float(row.x) * width,
        y=float(row.y) * height,
        width=float(row.width or 0) * width,
        height=float(row.height or 0) * height,
        scale=size * width / GLYPH,
        badge=_badge(shown, width, height),
    )


def _badge(shown: ShownMark, width: float, height: float) -> tuple[float, float] | None:
    """Where the number of what is said stands: on a comment itself, beside everything else."""
    if shown.kind is MarkKind.COMMENT or not shown.is_said:
        return None
    return min(float(shown.right) + 0.025, 0.98) * width, max(float(shown.row.y), 0.015) * height
