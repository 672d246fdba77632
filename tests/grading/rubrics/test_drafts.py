"""The gate that every rubric passes, whatever the way in."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import CriterionDraft, RubricDraft, checked, made_levels

CLARITY = CriterionDraft(title="Clarity", points=Decimal(4), levels=made_levels(4))
REASONS = CriterionDraft(title="Reasons", points=Decimal(6), levels=made_levels(6))
GUIDED = CriterionDraft(title="Reasons", points=Decimal(6))


def refusal_of(*criteria: CriterionDraft, kind: RubricKind = RubricKind.LEVELS) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        checked(RubricDraft(kind=kind, criteria=criteria))
    return refusal.value


@pytest.mark.parametrize("kind", [RubricKind.LEVELS, RubricKind.HOLISTIC])
def test_one_criterion_with_levels_is_enough(kind: RubricKind) -> None:
    draft = RubricDraft(kind=kind, criteria=(CLARITY,))
    assert checked(draft) is draft


def test_a_marking_guide_needs_no_levels() -> None:
    draft = RubricDraft(kind=RubricKind.GUIDE, criteria=(GUIDED,))
    assert checked(draft).points == 6


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "c1-title"),
        ({"title": "x" * 201}, "c1-title"),
        ({"title": "a\nb"}, "c1-title"),
        ({"title": "Clarity"}, "c1-title"),
        ({"description": "x" * 4001}, "c1-description"),
        ({"for_markers": "\0"}, "c1-markers"),
        ({"levels": ()}, "c1-title"),
        ({"points": Decimal(5)}, "c1-l0-points"),
        ({"points": Decimal("0.0001"), "levels": ()}, "c1-points"),
        ({"weight": Decimal(2)}, "c0-weight"),
    ],
)
def test_a_refusal_names_the_field(change: dict[str, Any], field: str) -> None:
    assert refusal_of(CLARITY, replace(REASONS, **change)).details["field"] == field


def test_one_overall_judgement_is_one_criterion() -> None:
    assert "single criterion" in refusal_of(CLARITY, REASONS, kind=RubricKind.HOLISTIC).message


def test_a_marking_guide_has_no_levels() -> None:
    assert "not levels" in refusal_of(CLARITY, kind=RubricKind.GUIDE).message


def test_weights_are_given_to_all() -> None:
    weighted = tuple(replace(criterion, weight=Decimal(50)) for criterion in (CLARITY, REASONS))
    assert checked(RubricDraft(criteria=weighted)).criteria == weighted


def test_nothing_is_no_rubric() -> None:
    assert "from 1 to 30" in refusal_of().message
