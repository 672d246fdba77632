"""Rubrics as JSON: files, and what a placement keeps."""

import json
from decimal import Decimal

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, RubricDraft
from lti_tool.grading.rubrics.json_form import as_json, from_json, from_options, read_json

DRAFT = RubricDraft(
    criteria=(
        CriterionDraft(
            title="Clarity",
            description="Can it be followed?",
            for_markers="Once only",
            points=Decimal("2.5"),
            weight=Decimal(40),
            levels=(LevelDraft(title="no", description="lost", points=Decimal(0)), LevelDraft(points=Decimal("2.5"))),
        ),
    )
)
GUIDE = RubricDraft(kind=RubricKind.GUIDE, criteria=(CriterionDraft(title="Reasons", points=Decimal(6)),))


@pytest.mark.parametrize("draft", [DRAFT, GUIDE])
def test_what_is_written_is_read_again(draft: RubricDraft) -> None:
    assert read_json(json.dumps(as_json(draft))) == draft


def test_the_pickers_list_gets_levels() -> None:
    draft = from_options({"rubric": [{"title": "Clarity", "points": 2}]})
    assert draft is not None and [level.points for level in draft.criteria[0].levels] == [0, 1, 2]


def test_without_a_rubric_there_is_none() -> None:
    assert from_options({}) is None


def test_the_numbers_of_moodle_stay_at_home() -> None:
    assert "moodle_id" not in json.dumps(as_json(from_json([{"title": "A", "points": 1, "moodle_id": 7}])))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]]",
        "[1]",
        '{"criteria": 3}',
        '{"kind": "essay", "criteria": []}',
        '{"criteria": [{"points": 1}]}',
        '{"criteria": [{"title": "A", "points": "x"}]}',
        '{"criteria": [{"title": "A", "points": NaN}]}',
        '{"criteria": [{"title": "A", "points": 1e999}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_rubric_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidInput, match="no rubric in JSON"):
        read_json(text)


def test_a_rubric_that_breaks_a_rule_is_refused_with_the_rule() -> None:
    with pytest.raises(InvalidInput, match="from 1 to 30"):
        read_json('{"criteria": []}')
