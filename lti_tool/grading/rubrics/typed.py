"""A rubric as it is typed in the editor: read from its fields, shown from a draft, and made into one.

Fields: `kind`, `c<n>-title`, `-description`, `-markers`, `-points`, `-weight`, `-moodle`, and for each level
`c<n>-l<m>-title`, `-description`, `-points`, `-moodle`. What is typed stays as it was typed until it is saved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, RubricDraft, best, checked, made_levels

FIELD = re.compile(r"c([0-9]{1,3})(?:-l([0-9]{1,3}))?-([a-z]+)")
NUMBER = re.compile(r"[0-9]{1,4}([.,][0-9]{1,3})?")
WHOLE = re.compile(r"[0-9]{1,15}")

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class LevelRow:
    """A level as typed."""

    title: str = ""
    description: str = ""
    points: str = ""
    moodle: str = ""


@dataclass(frozen=True, kw_only=True)
class CriterionRow:
    """A criterion as typed; `points` count where there are no levels."""

    title: str = ""
    description: str = ""
    markers: str = ""
    points: str = ""
    weight: str = ""
    moodle: str = ""
    levels: tuple[LevelRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RubricForm:
    """A rubric as typed; `focus` is the field that a button's work leads to."""

    kind: RubricKind = RubricKind.LEVELS
    criteria: tuple[CriterionRow, ...] = ()
    focus: str = ""

    @property
    def points(self) -> Decimal:
        """The total of what can be read so far."""
        return sum((_most(self.kind, criterion) for criterion in self.criteria), Decimal(0))


def empty_form(points: int) -> RubricForm:
    """One criterion that gives all the points, to begin with."""
    draft = CriterionDraft(title="", points=Decimal(points), levels=made_levels(points))
    return form_of(RubricDraft(criteria=(draft,)))


def form_of(draft: RubricDraft) -> RubricForm:
    """A draft as the editor shows it."""
    return RubricForm(kind=draft.kind, criteria=tuple(_criterion_row(criterion) for criterion in draft.criteria))


def read_form(fields: Mapping[str, str]) -> RubricForm:
    """What was typed, in its order; raises InvalidInput for an unknown kind."""
    criteria: dict[int, dict[str, str]] = {}
    levels: dict[int, dict[int, dict[str, str]]] = {}
    for name, value in fields.items():
        if found := FIELD.fullmatch(name):
            number, text = int(found[1]), value.replace("\r\n", "\n").strip()
            own = criteria.setdefault(number, {})
            level = levels.setdefault(number, {}).setdefault(int(found[2]), {}) if found[2] else own
            level[found[3]] = text
    rows = (
        _row(CriterionRow, typed, levels=tuple(_row(LevelRow, level) for _, level in sorted(levels.get(n, {}).items())))
        for n, typed in sorted(criteria.items())
    )
    return RubricForm(kind=_kind(fields.get("kind", "")), criteria=tuple(rows))


def draft_from(form: RubricForm) -> RubricDraft:
    """The draft to be saved; raises InvalidInput with the `field` that is wrong."""
    criteria = (_criterion(form.kind, row, f"c{number}") for number, row in enumerate(form.criteria))
    return checked(RubricDraft(kind=form.kind, criteria=tuple(criteria)))


def _most(kind: RubricKind, row: CriterionRow) -> Decimal:
    return (find_number(row.points) or Decimal(0)) if kind is RubricKind.GUIDE else best_typed(row)


def best_typed(row: CriterionRow) -> Decimal:
    """The points of the best level, as far as they can be read."""
    return max((find_number(level.points) or Decimal(0) for level in row.levels), default=Decimal(0))


def _number(text: str, field: str) -> Decimal:
    number = find_number(text)
    if number is None:
        raise InvalidInput("points_unreadable", "Write points as a number, such as 4 or 2.5.", field=field)
    return number


def _row(row_class: type[Row], typed: Mapping[str, str], **more: object) -> Row:
    known = row_class.__dataclass_fields__  # type: ignore[attr-defined]  # both rows are dataclasses
    return row_class(**{name: text for name, text in typed.items() if name in known and name != "levels"}, **more)


def _kind(name: str) -> RubricKind:
    try:
        return RubricKind(name)
    except ValueError as error:
        raise InvalidInput("rubric_kind_unknown", "Choose a kind of rubric.") from error


def _criterion_row(criterion: CriterionDraft) -> CriterionRow:
    return CriterionRow(
        title=criterion.title,
        description=criterion.description,
        markers=criterion.for_markers,
        points=f"{criterion.points:f}",
        weight="" if criterion.weight is None else f"{criterion.weight:f}",
        moodle=str(criterion.moodle_id or ""),
        levels=tuple(
            LevelRow(
                title=level.title,
                description=level.description,
                points=f"{level.points:f}",
                moodle=str(level.moodle_id or ""),
            )
            for level in criterion.levels
        ),
    )


def _criterion(kind: RubricKind, row: CriterionRow, place: str) -> CriterionDraft:
    levels: tuple[LevelDraft, ...] = ()
    if kind is not RubricKind.GUIDE:
        levels = tuple(_level(level, f"{place}-l{number}") for number, level in enumerate(row.levels))
    return CriterionDraft(
        title=row.title,
        description=row.description,
        for_markers=row.markers,
        points=best(levels) if kind is not RubricKind.GUIDE else _number(row.points, f"{place}-points"),
        weight=_number(row.weight, f"{place}-weight") if row.weight else None,
        levels=levels,
        moodle_id=_whole(row.moodle),
    )


def _level(row: LevelRow, place: str) -> LevelDraft:
    return LevelDraft(
        title=row.title,
        description=row.description,
        points=_number(row.points, f"{place}-points"),
        moodle_id=_whole(row.moodle),
    )


def find_number(text: str) -> Decimal | None:
    """None for what is no number."""
    return Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def _whole(text: str) -> int | None:
    return int(text) if WHOLE.fullmatch(text) else None
