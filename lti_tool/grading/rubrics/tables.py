"""A rubric as a table: written one level a row; read so, or as teachers write it, one criterion a row.

Criterion | Excellent (4)      | Fair (2)          | Poor (0)          levels across
Criterion | Description | Points                                       a marking guide
Criterion | Level | Level description | Level points                   levels down, as we export it
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.columns import Column, known_columns
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, Note, RubricDraft, best, checked
from lti_tool.grading.rubrics.grids import Grid
from lti_tool.web.tables import as_csv

NUMBER = r"([0-9]{1,4}(?:[.,][0-9]{1,3})?)"
UNIT = r"(?:points?|pts?\.?|marks?|punti|punto|punkte?|pkt\.?|puntos?|p\.)"
ENDS_WITH_POINTS = re.compile(rf"[\s:–-]*\(?\s*(?:[0-9.,]+\s*[–-]\s*)?{NUMBER}\s*{UNIT}?\s*\)?$", re.IGNORECASE)
STARTS_WITH_POINTS = re.compile(rf"^\(?{NUMBER}\s*{UNIT}?\s*\)?\s*(?:[:–=-]\s*|$)", re.IGNORECASE)
SAYS_POINTS = re.compile(rf"\s*\(\s*(?:[0-9.,]+\s*[–-]\s*)?{NUMBER}\s*{UNIT}?\s*\)\s*$", re.IGNORECASE)
ALONE = re.compile(NUMBER)


@dataclass(frozen=True, kw_only=True)
class _Table:
    """Rows under a header whose columns are known."""

    header: list[str]
    places: Mapping[Column, int]
    rows: Grid

    def cell(self, row: list[str], column: Column) -> str:
        place = self.places.get(column)
        return row[place] if place is not None and place < len(row) else ""

    def title(self, row: list[str], column: Column) -> str:
        return " ".join(self.cell(row, column).split())

    def number(self, row: list[str], column: Column) -> Decimal | None:
        return _find_number(self.cell(row, column).removesuffix("%").strip())


def rubric_from_grid(grid: Grid) -> RubricDraft:
    """A table as a draft; raises InvalidInput."""
    table = _table(grid)
    if Column.LEVEL in table.places:
        return checked(_from_long(table))
    if set(range(len(table.header))) - set(table.places.values()):
        return checked(_from_wide(table))
    return checked(_from_guide(table))


def rubric_csv(draft: RubricDraft) -> str:
    """One level a row; a marking guide one criterion a row."""
    is_guide = draft.kind is RubricKind.GUIDE
    header = [Column.KIND, Column.CRITERION, Column.DESCRIPTION, Column.FOR_MARKERS, Column.WEIGHT]
    header += [Column.POINTS] if is_guide else [Column.LEVEL, Column.LEVEL_DESCRIPTION, Column.LEVEL_POINTS]
    return as_csv([column.value for column in header], _csv_rows(draft))


def _csv_rows(draft: RubricDraft) -> Iterator[list[str]]:
    for criterion in draft.criteria:
        weight = "" if criterion.weight is None else f"{criterion.weight:f}"
        own = [draft.kind.value, criterion.title, criterion.description, criterion.for_markers, weight]
        if not criterion.levels:
            yield [*own, f"{criterion.points:f}"]
        for level in criterion.levels:
            yield [*own, level.title, level.description, f"{level.points:f}"]


def _table(grid: Grid) -> _Table:
    """The first row is the header, unless it is a criterion with its points already."""
    header, *rows = grid
    places = known_columns(header)
    if Column.CRITERION not in places and all(len(row) == 2 and _find_number(row[1]) is not None for row in grid):
        return _Table(header=["", ""], places={Column.CRITERION: 0, Column.POINTS: 1}, rows=grid)
    if not rows:
        raise InvalidInput("table_unreadable", "The table needs a first row with the names of its columns.")
    if Column.CRITERION not in places:
        # The corner of a table is often left empty.
        places = {column: place for column, place in places.items() if place} | {Column.CRITERION: 0}
    return _Table(header=header, places=places, rows=rows)


def _from_guide(table: _Table) -> RubricDraft:
    criteria = tuple(_criterion(table, row, ()) for row in table.rows)
    return RubricDraft(kind=RubricKind.GUIDE, criteria=criteria)


def _from_long(table: _Table) -> RubricDraft:
    """A criterion stands in its first row at least."""
    levels: dict[str, list[LevelDraft]] = {}
    first: dict[str, list[str]] = {}
    title = ""
    for row in table.rows:
        title = table.title(row, Column.CRITERION) or title
        first.setdefault(title, row)
        levels.setdefault(title, []).append(_long_level(table, row))
    criteria = tuple(_criterion(table, row, tuple(levels[title])) for title, row in first.items())
    is_holistic = table.cell(table.rows[0], Column.KIND) == RubricKind.HOLISTIC
    return RubricDraft(kind=RubricKind.HOLISTIC if is_holistic else RubricKind.LEVELS, criteria=criteria)


def _long_level(table: _Table, row: list[str]) -> LevelDraft:
    points = table.number(row, Column.LEVEL_POINTS)
    if points is None:
        points = table.number(row, Column.POINTS)
    if points is None:
        raise _no_points(table.cell(row, Column.LEVEL))
    return LevelDraft(
        title=table.title(row, Column.LEVEL), description=table.cell(row, Column.LEVEL_DESCRIPTION), points=points
    )


def _from_wide(table: _Table) -> RubricDraft:
    own = set(table.places.values())
    places = [place for place in range(len(table.header)) if place not in own]
    read = [_wide_levels(table.header, row, places) for row in table.rows]
    has_points = all(points is not None for levels in read for _, _, points in levels)
    criteria = []
    for row, levels in zip(table.rows, read, strict=True):
        most = table.number(row, Column.POINTS)
        criteria.append(_criterion(table, row, _levels(levels, None if has_points else most)))
    notes = frozenset() if has_points else frozenset({Note.POINTS_MADE})
    return RubricDraft(criteria=tuple(criteria), notes=notes)


def _wide_levels(header: list[str], row: list[str], places: list[int]) -> list[tuple[str, str, Decimal | None]]:
    """An empty cell is no level."""
    return [_wide_level(" ".join(header[place].split()), row[place]) for place in places if any(row[place : place + 1])]


def _levels(read: list[tuple[str, str, Decimal | None]], most: Decimal | None) -> tuple[LevelDraft, ...]:
    """With the points that are written, else evenly from the best, which stands first, to 0."""
    last = len(read) - 1
    return tuple(
        LevelDraft(title=title, description=description, points=_made(place, last, most) if points is None else points)
        for place, (title, description, points) in enumerate(read)
    )


def _made(place: int, last: int, most: Decimal | None) -> Decimal:
    if most is None or last == 0:
        return Decimal(last - place)
    return (most * (last - place) / last).quantize(Decimal("0.01")).normalize()


def _wide_level(header: str, cell: str) -> tuple[str, str, Decimal | None]:
    """Title, description, points: the cell's own points come before those of the column."""
    title, points = _split_header(header)
    if own := SAYS_POINTS.search(cell):
        return title, cell[: own.start()].strip(), _find_number(own[1])
    if ALONE.fullmatch(cell):
        return title, "", _find_number(cell)
    return title, cell, points


def _split_header(header: str) -> tuple[str, Decimal | None]:
    """`Excellent (4)`, `Excellent - 4 points`, `4 - Excellent`, `4`"""
    if found := STARTS_WITH_POINTS.match(header):
        return header[found.end() :].strip(), _find_number(found[1])
    if found := ENDS_WITH_POINTS.search(header):
        return header[: found.start()].strip(), _find_number(found[1])
    return header, None


def _criterion(table: _Table, row: list[str], levels: tuple[LevelDraft, ...]) -> CriterionDraft:
    points = best(levels) if levels else table.number(row, Column.POINTS)
    if points is None:
        raise _no_points(table.title(row, Column.CRITERION))
    return CriterionDraft(
        title=table.title(row, Column.CRITERION),
        description=table.cell(row, Column.DESCRIPTION),
        for_markers=table.cell(row, Column.FOR_MARKERS),
        points=points,
        weight=table.number(row, Column.WEIGHT),
        levels=levels,
    )


def _find_number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if ALONE.fullmatch(text) else None


def _no_points(title: str) -> InvalidInput:
    return InvalidInput("table_unreadable", "“%(title)s” has no points in this table.", {"title": title[:80]})
