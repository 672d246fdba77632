"""What a version of a rubric changed in the one before, criterion by criterion."""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.grading.rubrics.drafts import CriterionDraft, RubricDraft
from lti_tool.grading.rubrics.plain_text import levels_line


class Aspect(StrEnum):
    """What of a criterion can differ."""

    TITLE = "title"
    DESCRIPTION = "description"
    FOR_MARKERS = "for_markers"
    POINTS = "points"
    WEIGHT = "weight"
    LEVELS = "levels"
    LEVEL_DESCRIPTIONS = "level_descriptions"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One aspect, before and after."""

    aspect: Aspect
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One criterion; without `older` it is new, without `newer` it was removed."""

    older: CriterionDraft | None
    newer: CriterionDraft | None
    changes: tuple[Change, ...] = ()

    @property
    def title(self) -> str:
        shown = self.newer or self.older
        return shown.title if shown else ""


def differences(older: RubricDraft, newer: RubricDraft) -> list[Difference]:
    """In the order of the newer version, then what was removed; unchanged criteria are left out."""
    pairs = _pairs(older, newer)
    found = [
        Difference(older=before, newer=after, changes=_changes(before, after) if before else ())
        for after, before in pairs
    ]
    kept = [before for _, before in pairs]
    removed = [Difference(older=before, newer=None) for before in older.criteria if before not in kept]
    return [one for one in found if one.older is None or one.changes] + removed


def _pairs(older: RubricDraft, newer: RubricDraft) -> list[tuple[CriterionDraft, CriterionDraft | None]]:
    """By title; what was given another title is known by its levels or its number in Moodle."""
    by_title = {criterion.title: criterion for criterion in older.criteria}
    titles = {criterion.title for criterion in newer.criteria}
    free = [criterion for criterion in older.criteria if criterion.title not in titles]
    pairs = []
    for after in newer.criteria:
        before = by_title.get(after.title) or next((one for one in free if _is_same(one, after)), None)
        if before in free:
            free.remove(before)
        pairs.append((after, before))
    return pairs


def _is_same(before: CriterionDraft, after: CriterionDraft) -> bool:
    if before.moodle_id and after.moodle_id:
        return before.moodle_id == after.moodle_id
    return before.levels == after.levels and before.points == after.points


def _changes(before: CriterionDraft, after: CriterionDraft) -> tuple[Change, ...]:
    old, new = _aspects(before), _aspects(after)
    return tuple(
        Change(aspect=aspect, before=old[aspect], after=new[aspect]) for aspect in Aspect if old[aspect] != new[aspect]
    )


def _aspects(criterion: CriterionDraft) -> dict[Aspect, str]:
    return {
        Aspect.TITLE: criterion.title,
        Aspect.DESCRIPTION: criterion.description,
        Aspect.FOR_MARKERS: criterion.for_markers,
        Aspect.POINTS: f"{criterion.points:f}",
        Aspect.WEIGHT: "" if criterion.weight is None else f"{criterion.weight:f}",
        Aspect.LEVELS: levels_line(criterion) if criterion.levels else "",
        Aspect.LEVEL_DESCRIPTIONS: "\n".join(level.description for level in criterion.levels if level.description),
    }
