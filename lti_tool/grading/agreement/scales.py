"""The marks that agreement is counted on: the levels of a criterion, or steps of the points."""

from decimal import Decimal

from lti_tool.grading.models import Criterion

MOST_STEPS = 5


def marks_of(criterion: Criterion) -> list[float]:
    """Its levels; a criterion of a guide has steps."""
    levels = sorted({float(level.points) for level in criterion.levels})
    return levels if len(levels) > 1 else steps_of(criterion.points)


def steps_of(maximum: Decimal | int) -> list[float]:
    """Each whole point up to five, else nought and fifths of the maximum."""
    whole = int(maximum)
    count = whole if whole == maximum and whole <= MOST_STEPS else MOST_STEPS
    return [float(maximum) * step / count for step in range(count + 1)]
