"""From points on the criteria to points of the activity."""

from decimal import Decimal

import pytest

from lti_tool.grading.models import Criterion, Rubric
from lti_tool.grading.rubrics.scoring import grade_points, is_scaled


def rubric_with(*criteria: tuple[str, str | None]) -> Rubric:
    return Rubric(
        criteria=[
            Criterion(id=number, points=Decimal(points), weight=None if weight is None else Decimal(weight))
            for number, (points, weight) in enumerate(criteria, start=1)
        ]
    )


@pytest.mark.parametrize(
    ("criteria", "given", "grade"),
    [
        ([("4", None), ("6", None)], ("3", "5"), "8"),
        ([("4", None), ("1", None)], ("4", "0.5"), "9"),
        ([("4", "30"), ("100", "70")], ("4", "50"), "6.5"),
        ([("3", None)], ("1",), "3.333"),
        ([("3", None), ("4", None)], ("3", "4"), "10"),
        ([("4", "2"), ("4", "1")], ("0", "4"), "3.333"),
    ],
)
def test_the_grade_is_each_share_as_far_as_it_was_earned(
    criteria: list[tuple[str, str | None]], given: tuple[str, ...], grade: str
) -> None:
    earned = {number: Decimal(points) for number, points in enumerate(given, start=1)}
    assert grade_points(rubric_with(*criteria), earned, maximum=10) == Decimal(grade)


def test_a_criterion_without_points_gives_nothing() -> None:
    assert grade_points(rubric_with(("4", None), ("6", None)), {1: Decimal(4)}, maximum=10) == 4


@pytest.mark.parametrize(
    ("criteria", "scaled"), [([("10", None)], False), ([("4", None)], True), ([("5", "1"), ("5", "1")], True)]
)
def test_a_rubric_that_adds_up_is_not_scaled(criteria: list[tuple[str, str | None]], scaled: bool) -> None:
    assert is_scaled(rubric_with(*criteria), 10) is scaled
