"""The buttons of the editor: each gives the form as it is then, so that no button loses a half-written rubric.

A button sends `do`: `add`, `c2-up`, `c2-down`, `c2-remove`, `c2-add`, `c2-l1-up`.
"""

import re
from dataclasses import replace

from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import MOST_CRITERIA, MOST_LEVELS, made_levels
from lti_tool.grading.rubrics.typed import CriterionRow, LevelRow, Row, RubricForm, best_typed, find_number

BUTTON = re.compile(r"(?:c([0-9]{1,3})-)?(?:l([0-9]{1,3})-)?(add|up|down|remove)")


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


def _with_kind(form: RubricForm) -> RubricForm:
    """What the other kind needs is made from what is there: levels from points, points from levels."""
    if form.kind is RubricKind.GUIDE:
        rows = (replace(row, points=row.points or f"{best_typed(row):f}") for row in form.criteria)
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


def _made_rows(row: CriterionRow) -> tuple[LevelRow, ...]:
    return tuple(LevelRow(points=f"{level.points:f}") for level in made_levels(find_number(row.points) or 1))
