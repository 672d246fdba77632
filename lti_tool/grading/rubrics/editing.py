"""The editor's form as a value: read from its fields, changed by its buttons, made into a draft.

Fields: `kind`, `c<n>-title`, `-description`, `-markers`, `-points`, `-weight`, `-moodle`, and for each level
`c<n>-l<m>-title`, `-description`, `-points`, `-moodle`. What is typed stays as it was typed until it is saved, so no
button loses a half-written rubric. A button sends `do`: `add`, `c2-up`, `c2-down`, `c2-remove`, `c2-add`, `c2-l1-up`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import (
    MOST_CRITERIA,
    MOST_LEVELS,
    CriterionDraft,
    LevelDraft,
    RubricDraft,
    best,
    checked,
    made_levels,
)

FIELD = re.compile(r"c([0-9]{1,3})(?:-l([0-9]{1,3}))?-([a-z]+)")
BUTTON = re.compile(r"(?:c([0-9]{1,3})-)?(?:l([0-9]{1,3})-)?(add|up|down|remove)")
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


def pressed(form: RubricForm, button: str) -> RubricForm:
    """The form after a button; one that does not fit changes nothing."""
    found = BUTTON.fullmatch(button)
    if found is None:
        return _with_kind(form)
    place, level, action = found[1], found[2], found[3]
    if place is None:
        return _with_criterion(form)
    if int(place) >= len(form.criteria):
        return form
    if level is None and action != "add":
        moved, at = _moved(form.criteria, int(place), action)
        return replace(form, criteria=moved, focus=f"c{at}-title")
    return _with_levels(form, int(place), level, action)


def draft_from(form: RubricForm) -> RubricDraft:
    """The draft to be saved; raises InvalidInput with the `field` that is wrong."""
    criteria = (_criterion(form.kind, row, f"c{number}") for number, row in enumerate(form.criteria))
    return checked(RubricDraft(kind=form.kind, criteria=tuple(criteria)))


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


def _with_kind(form: RubricForm) -> RubricForm:
    """What the other kind needs is made from what is there: levels from points, points from levels."""
    if form.kind is RubricKind.GUIDE:
        rows = (replace(row, points=row.points or f"{_best_typed(row):f}") for row in form.criteria)
    else:
        rows = (row if row.levels else replace(row, levels=_made_rows(row)) for row in form.criteria)
    return replace(form, criteria=tuple(rows))


def _with_criterion(form: RubricForm) -> RubricForm:
    """One more; it starts with the scale of the one before."""
    if len(form.criteria) >= MOST_CRITERIA:
        return form
    scale = form.criteria[-1].levels if form.criteria else ()
    levels = tuple(LevelRow(title=level.title, points=level.points) for level in scale)
    return replace(form, criteria=(*form.criteria, CriterionRow(levels=levels)), focus=f"c{len(form.criteria)}-title")


def _with_levels(form: RubricForm, place: int, level: str | None, action: str) -> RubricForm:
    row = form.criteria[place]
    if level is None:
        at = len(row.levels)
        levels = row.levels if at >= MOST_LEVELS else (*row.levels, LevelRow())
    elif int(level) < len(row.levels) and action != "add":
        levels, at = _moved(row.levels, int(level), action)
    else:
        return form
    criteria = (*form.criteria[:place], replace(row, levels=levels), *form.criteria[place + 1 :])
    return replace(form, criteria=criteria, focus=f"c{place}-l{at}-title")


def _moved(rows: tuple[Row, ...], place: int, action: str) -> tuple[tuple[Row, ...], int]:
    """The rows after the action, and where to look then."""
    rest = [*rows[:place], *rows[place + 1 :]]
    if action == "remove":
        return tuple(rest), max(0, min(place, len(rest) - 1))
    at = max(0, place - 1) if action == "up" else min(len(rest), place + 1)
    rest.insert(at, rows[place])
    return tuple(rest), at


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


def _number(text: str, field: str) -> Decimal:
    number = _find_number(text)
    if number is None:
        raise InvalidInput("points_unreadable", "Write points as a number, such as 4 or 2.5.", field=field)
    return number


def _find_number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def _whole(text: str) -> int | None:
    return int(text) if WHOLE.fullmatch(text) else None


def _most(kind: RubricKind, row: CriterionRow) -> Decimal:
    return (_find_number(row.points) or Decimal(0)) if kind is RubricKind.GUIDE else _best_typed(row)


def _best_typed(row: CriterionRow) -> Decimal:
    return max((_find_number(level.points) or Decimal(0) for level in row.levels), default=Decimal(0))


def _made_rows(row: CriterionRow) -> tuple[LevelRow, ...]:
    levels: Sequence[LevelDraft] = made_levels(_find_number(row.points) or 1)
    return tuple(LevelRow(points=f"{level.points:f}") for level in levels)
