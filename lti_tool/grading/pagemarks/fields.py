"""What a form or the desk's script says about a mark, as one value; nothing here knows the work yet.

Fields: `file`, `page`, `kind`, `text`, `criterion`, `points`, and the place as fractions of the page (`x`, `y`,
`width`, `height`) or, for who points with words, as one of ten rows and three columns (`row`, `column`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from lti_tool.errors import InvalidInput
from lti_tool.grading.pagemarks.models import AREAS, MarkKind

ROWS, COLUMNS = 10, 3
LONGEST_TEXT = 1000
FRACTION = re.compile(r"(0(\.[0-9]{1,17})?|1(\.0{1,17})?)")
WHOLE = re.compile(r"[0-9]{1,9}")
POINTS = re.compile(r"[+-]?[0-9]{1,4}([.,][0-9]{1,3})?")
STEP = Decimal("0.00001")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where on a page; width and height only of what has an area."""

    x: Decimal
    y: Decimal
    width: Decimal | None = None
    height: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class MarkInput:
    """A mark as it was sent."""

    file_number: int
    page: int
    kind: MarkKind
    place: Place
    text: str = ""
    criterion_id: int | None = None
    points: Decimal | None = None

    @property
    def columns(self) -> dict[str, object]:
        """As the rows of marks hold it."""
        return {
            "file_number": self.file_number,
            "page": self.page,
            "kind": self.kind.value,
            **vars(self.place),
            "text": self.text,
            "criterion_id": self.criterion_id,
            "points": self.points,
        }


def read_mark(fields: Mapping[str, str]) -> MarkInput:
    """Raises InvalidInput with a sentence for the marker."""
    kind = _kind(fields.get("kind", ""))
    text = fields.get("text", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT or not text.replace("\n", "").isprintable():
        raise InvalidInput(
            "mark_text_unusable", "A comment on a page has at most %(most)s characters.", {"most": LONGEST_TEXT}
        )
    if kind is MarkKind.COMMENT and not text:
        raise InvalidInput("mark_text_missing", "Write the comment that is to stand on the page.")
    return MarkInput(
        file_number=_whole(fields.get("file", "")),
        page=_whole(fields.get("page", "")),
        kind=kind,
        place=_exact_place(fields, kind) if fields.get("x") else _named_place(fields, kind),
        text=text,
        criterion_id=_whole(fields["criterion"]) if fields.get("criterion") else None,
        points=_points(fields.get("points", "").strip()),
    )


def _kind(value: str) -> MarkKind:
    try:
        return MarkKind(value)
    except ValueError as error:
        raise InvalidInput("mark_kind_missing", "Choose what to put on the page.") from error


def _exact_place(fields: Mapping[str, str], kind: MarkKind) -> Place:
    x, y = _fraction(fields.get("x", "")), _fraction(fields.get("y", ""))
    if kind not in AREAS:
        return Place(x=x, y=y)
    width, height = _fraction(fields.get("width", "")), _fraction(fields.get("height", ""))
    if not (width and height and x + width <= 1 and y + height <= 1):
        raise _outside()
    return Place(x=x, y=y, width=width, height=height)


def _named_place(fields: Mapping[str, str], kind: MarkKind) -> Place:
    """The middle of a field of the page, or the field itself for what has an area."""
    row, column = _whole(fields.get("row", "")), _whole(fields.get("column", ""))
    if not (1 <= row <= ROWS and 1 <= column <= COLUMNS):
        raise InvalidInput("mark_place_missing", "Say where on the page the mark is to stand.")
    width, height = _cut(Decimal(1) / COLUMNS), _cut(Decimal(1) / ROWS)
    left, top = _cut(Decimal(column - 1) / COLUMNS), _cut(Decimal(row - 1) / ROWS)
    if kind in AREAS:
        return Place(x=left, y=top, width=width, height=height)
    return Place(x=_cut(left + width / 2), y=_cut(top + height / 2))


def _fraction(value: str) -> Decimal:
    if not FRACTION.fullmatch(value):
        raise _outside()
    return _cut(Decimal(value))


def _cut(value: Decimal) -> Decimal:
    """Never rounded up, so that nothing comes to stand outside the page."""
    return value.quantize(STEP, ROUND_DOWN)


def _whole(value: str) -> int:
    if not WHOLE.fullmatch(value.strip()):
        raise InvalidInput("mark_incomplete", "Say on which page the mark is to stand, and where.")
    return int(value)


def _points(value: str) -> Decimal | None:
    if not value:
        return None
    if not POINTS.fullmatch(value):
        raise InvalidInput("mark_points_refused", "Points beside a mark are a number with at most three decimals.")
    return Decimal(value.replace(",", "."))


def _outside() -> InvalidInput:
    return InvalidInput("mark_outside", "A mark must stand on the page.")
