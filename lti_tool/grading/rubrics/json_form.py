"""A rubric as JSON: the file that is exported and imported, and what `Placement.options["rubric"]` keeps.

{"kind": "levels", "criteria": [{"title": "Clarity", "points": 4, "levels": [{"title": "clear", "points": 4}, ...]}]}
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, RubricDraft, best, checked, made_levels

KEY = "rubric"


def as_json(draft: RubricDraft) -> dict[str, Any]:
    """The draft as JSON holds it; what is empty is left out."""
    return {"kind": draft.kind.value, "criteria": [_criterion_json(criterion) for criterion in draft.criteria]}


def read_json(text: str) -> RubricDraft:
    """A file of ours, or one written like it; raises InvalidInput."""
    try:
        return checked(from_json(json.loads(text, parse_float=Decimal)))
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError) as error:
        raise InvalidInput(
            "rubric_unreadable",
            "This is no rubric in JSON. Export one here to see how it is written.",
        ) from error


def from_json(value: Any) -> RubricDraft:
    """The draft; a list alone is what the picker leaves. Raises what reading unknown JSON raises."""
    kept: dict[str, Any] = {"criteria": value} if isinstance(value, list) else value
    kind = RubricKind(kept.get("kind", RubricKind.LEVELS))
    return RubricDraft(kind=kind, criteria=tuple(_criterion(criterion, kind) for criterion in kept["criteria"]))


def from_options(options: Mapping[str, Any]) -> RubricDraft | None:
    """What the picker, or the rubric of a copied activity, left in the placement's options."""
    return from_json(options[KEY]) if options.get(KEY) else None


def _criterion(kept: Mapping[str, Any], kind: RubricKind) -> CriterionDraft:
    levels = tuple(_level(level) for level in kept.get("levels", []))
    if not levels and kind is not RubricKind.GUIDE:
        levels = made_levels(_number(kept["points"]))
    return CriterionDraft(
        title=str(kept["title"]).strip(),
        description=str(kept.get("description", "")),
        for_markers=str(kept.get("for_markers", "")),
        points=best(levels) if levels else _number(kept["points"]),
        weight=_number(kept["weight"]) if kept.get("weight") is not None else None,
        levels=levels,
        moodle_id=kept.get("moodle_id"),
    )


def _level(kept: Mapping[str, Any]) -> LevelDraft:
    return LevelDraft(
        title=str(kept.get("title", "")).strip(),
        description=str(kept.get("description", "")),
        points=_number(kept["points"]),
        moodle_id=kept.get("moodle_id"),
    )


def _number(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("not a number")
    return number


def _criterion_json(criterion: CriterionDraft) -> dict[str, Any]:
    kept: dict[str, Any] = {"title": criterion.title, "points": _plain(criterion.points)}
    texts = {"description": criterion.description, "for_markers": criterion.for_markers}
    kept |= {name: text for name, text in texts.items() if text}
    if criterion.weight is not None:
        kept["weight"] = _plain(criterion.weight)
    if criterion.levels:
        kept["levels"] = [_level_json(level) for level in criterion.levels]
    return kept


def _level_json(level: LevelDraft) -> dict[str, Any]:
    kept: dict[str, Any] = {"title": level.title, "points": _plain(level.points)}
    return kept | ({"description": level.description} if level.description else {})


def _plain(points: Decimal) -> int | float:
    """At most three decimals, which JSON's numbers carry without loss."""
    return int(points) if points == points.to_integral_value() else float(points)
