"""What points on the criteria make of the activity's points: the one place where a rubric becomes a grade.

Each criterion has a share of the grade: its weight where the rubric has weights, else its own points. Where the points
of the criteria add up to those of the activity, the grade is their sum; where they do not, it is scaled.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from lti_tool.grading.models import Criterion, Rubric
from lti_tool.grading.rubrics.drafts import CriterionDraft

THOUSANDTH = Decimal("0.001")


def share(criterion: Criterion | CriterionDraft) -> Decimal:
    """How much a criterion counts beside the others."""
    return Decimal(criterion.points) if criterion.weight is None else criterion.weight


def grade_points(rubric: Rubric, given: Mapping[int, Decimal], *, maximum: Decimal | int) -> Decimal:
    """The grade for points on each criterion, by its id; a criterion that is not named gives nothing."""
    shares = sum((share(criterion) for criterion in rubric.criteria), Decimal(0))
    earned = sum(
        (share(criterion) * given.get(criterion.id, Decimal(0)) / criterion.points for criterion in rubric.criteria),
        Decimal(0),
    )
    return (Decimal(maximum) * earned / shares).quantize(THOUSANDTH, ROUND_HALF_UP)


def is_scaled(rubric: Rubric, maximum: Decimal | int) -> bool:
    """Whether the grade is more than the sum of the points."""
    return rubric.points != maximum or any(criterion.weight is not None for criterion in rubric.criteria)
