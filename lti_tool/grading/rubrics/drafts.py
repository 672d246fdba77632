"""A rubric as a value: what the editor, an import and a proposal hand on, and what `versions` makes rows of.

`checked` is the only gate: whatever the way in, a rubric that could not be marked on is refused here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import Criterion, Level, Rubric, RubricKind
from lti_tool.site_settings.patterns import N_

MOST_CRITERIA = 30
MOST_LEVELS = 20
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 4000
MOST_POINTS = 1000
SINGLE_STEPS = 5
SMALLEST_STEP = Decimal("0.001")


class Note(StrEnum):
    """What reading a rubric from elsewhere had to change or leave open; the teacher is told."""

    LOWEST_GIVES_POINTS = "lowest_gives_points"
    POINTS_MADE = "points_made"
    COMMENTS_LEFT = "comments_left"
    PROPOSED = "proposed"


@dataclass(frozen=True, kw_only=True)
class LevelDraft:
    """A level to be made."""

    title: str = ""
    description: str = ""
    points: Decimal
    moodle_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CriterionDraft:
    """A criterion to be made; without levels its points are given freely, from 0 on."""

    title: str
    description: str = ""
    for_markers: str = ""
    points: Decimal
    weight: Decimal | None = None
    levels: tuple[LevelDraft, ...] = ()
    moodle_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class RubricDraft:
    """A rubric to be made; `notes` are for the teacher who looks at it before saving."""

    kind: RubricKind = RubricKind.LEVELS
    criteria: tuple[CriterionDraft, ...]
    notes: frozenset[Note] = field(default=frozenset(), compare=False)

    @property
    def points(self) -> Decimal:
        return sum((criterion.points for criterion in self.criteria), Decimal(0))


def draft_of(rubric: Rubric) -> RubricDraft:
    """A saved rubric as a value."""
    return RubricDraft(
        kind=RubricKind(rubric.kind), criteria=tuple(_criterion_of(criterion) for criterion in rubric.criteria)
    )


def best(levels: Iterable[LevelDraft]) -> Decimal:
    """What the best level gives; 0 where there is none."""
    return max((level.points for level in levels), default=Decimal(0))


def made_levels(points: Decimal | int) -> tuple[LevelDraft, ...]:
    """Every point where they are few and whole, else quarters, as whole numbers where the points are whole."""
    points = Decimal(points)
    is_whole = points == points.to_integral_value()
    steps: Sequence[Decimal] = [points * quarter / 4 for quarter in range(5)]
    if is_whole and points <= SINGLE_STEPS:
        steps = [Decimal(step) for step in range(int(points) + 1)]
    elif is_whole:
        steps = [Decimal((int(points) * quarter + 2) // 4) for quarter in range(5)]
    return tuple(LevelDraft(points=step) for step in steps)


def checked(draft: RubricDraft) -> RubricDraft:
    """The draft, if work can be marked on it; raises InvalidInput with the `field` of the editor that is wrong."""
    if not 1 <= len(draft.criteria) <= MOST_CRITERIA:
        raise _refused(N_("A rubric has from 1 to %(most_criteria)s criteria."), most_criteria=MOST_CRITERIA)
    if draft.kind is RubricKind.HOLISTIC and len(draft.criteria) > 1:
        raise _refused(N_("One overall judgement is a single criterion. Remove the others, or choose another kind."))
    for number, criterion in enumerate(draft.criteria):
        _check_words(criterion, f"c{number}")
        _check_points(criterion.points, f"c{number}-points", least=SMALLEST_STEP)
        _check_levels(draft.kind, criterion, number)
    _check_titles(draft.criteria)
    _check_weights(draft.criteria)
    return draft


def _criterion_of(criterion: Criterion) -> CriterionDraft:
    return CriterionDraft(
        title=criterion.title,
        description=criterion.description,
        for_markers=criterion.for_markers,
        points=Decimal(criterion.points),
        weight=criterion.weight,
        levels=tuple(_level_of(level) for level in criterion.levels),
        moodle_id=criterion.moodle_id,
    )


def _level_of(level: Level) -> LevelDraft:
    return LevelDraft(
        title=level.title, description=level.description, points=Decimal(level.points), moodle_id=level.moodle_id
    )


def _check_words(criterion: CriterionDraft, place: str) -> None:
    if not criterion.title:
        raise _refused(N_("Every criterion needs a title."), field=f"{place}-title")
    _check_title(criterion.title, f"{place}-title")
    for name, text in (("description", criterion.description), ("markers", criterion.for_markers)):
        _check_text(text, f"{place}-{name}")
    for number, level in enumerate(criterion.levels):
        _check_title(level.title, f"{place}-l{number}-title")
        _check_text(level.description, f"{place}-l{number}-description")


def _check_title(title: str, field: str) -> None:
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise _refused(
            N_("A title has at most %(longest)s characters, in one line."), field=field, longest=LONGEST_TITLE
        )


def _check_text(text: str, field: str) -> None:
    if len(text) > LONGEST_DESCRIPTION or "\0" in text:
        raise _refused(
            N_("A description has at most %(longest)s characters."), field=field, longest=LONGEST_DESCRIPTION
        )


def _check_points(points: Decimal, field: str, *, least: Decimal = Decimal(0)) -> None:
    is_fine = points == points.quantize(SMALLEST_STEP)
    if not least <= points <= MOST_POINTS or not is_fine:
        raise _refused(
            N_("Points are numbers from 0 to %(most)s; the best must be more than 0."), field=field, most=MOST_POINTS
        )


def _check_levels(kind: RubricKind, criterion: CriterionDraft, number: int) -> None:
    place = f"c{number}-l0-points"
    if kind is RubricKind.GUIDE:
        if criterion.levels:
            raise _refused(N_("A marking guide has points, not levels."), field=f"c{number}-title")
        return
    if not 2 <= len(criterion.levels) <= MOST_LEVELS:
        raise _refused(
            N_("“%(title)s” needs from 2 to %(most_levels)s levels."),
            field=f"c{number}-title",
            title=criterion.title,
            most_levels=MOST_LEVELS,
        )
    for place_of_level, level in enumerate(criterion.levels):
        _check_points(level.points, f"c{number}-l{place_of_level}-points")
    if criterion.points != best(criterion.levels):
        raise _refused(N_("“%(title)s” needs a level that gives points."), field=place, title=criterion.title)
    if len({(level.title, level.description, level.points) for level in criterion.levels}) < len(criterion.levels):
        raise _refused(N_("“%(title)s” has the same level twice."), field=place, title=criterion.title)


def _check_titles(criteria: Sequence[CriterionDraft]) -> None:
    counted = Counter(criterion.title for criterion in criteria)
    for number, criterion in reversed(list(enumerate(criteria))):
        if counted[criterion.title] > 1:
            raise _refused(N_("“%(title)s” stands there twice."), field=f"c{number}-title", title=criterion.title)


def _check_weights(criteria: Sequence[CriterionDraft]) -> None:
    for number, criterion in enumerate(criteria):
        if criterion.weight is not None:
            _check_points(criterion.weight, f"c{number}-weight", least=SMALLEST_STEP)
    missing = [number for number, criterion in enumerate(criteria) if criterion.weight is None]
    if missing and len(missing) < len(criteria):
        raise _refused(N_("Give every criterion a weight, or none."), field=f"c{missing[0]}-weight")


def _refused(message: str, *, field: str = "", **words: object) -> InvalidInput:
    return InvalidInput("rubric_refused", message, words, field=field)
