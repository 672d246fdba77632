"""Rubrics and marking guides as Moodle's web service describes them."""

from decimal import Decimal
from typing import Any

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import Note
from lti_tool.grading.rubrics.moodle import rubric_from_moodle

SENTENCE = "The argument can be followed from its beginning to its very end."
RUBRIC: dict[str, Any] = {
    "id": 5,
    "method": "rubric",
    "name": "Essay",
    "rubric": {
        "rubric_criteria": [
            {
                "id": 12,
                "sortorder": 2,
                "description": "Reasons",
                "levels": [{"id": 40, "score": 0, "definition": "none"}, {"id": 41, "score": 2.5, "definition": "two"}],
            },
            {
                "id": 11,
                "sortorder": 1,
                "description": "<p>Clarity</p><p>of &amp; in thought</p>",
                "levels": [
                    {"id": 31, "score": "4.00000", "definition": SENTENCE},
                    {"id": 30, "score": 0, "definition": "unclear"},
                ],
            },
        ]
    },
}
GUIDE: dict[str, Any] = {
    "method": "guide",
    "guide": {
        "guide_criteria": [
            {
                "id": 7,
                "sortorder": 1,
                "shortname": "Clarity",
                "description": "Write clearly",
                "descriptionmarkers": "<b>Be strict</b>",
                "maxscore": 10,
            }
        ],
        "guide_comments": [{"id": 1, "description": "Good"}],
    },
}


def test_criteria_and_levels_keep_their_order_and_numbers() -> None:
    draft = rubric_from_moodle(RUBRIC)
    assert [(criterion.title, criterion.moodle_id) for criterion in draft.criteria] == [
        ("Clarity", 11),
        ("Reasons", 12),
    ]
    assert [level.moodle_id for level in draft.criteria[0].levels] == [30, 31]
    assert draft.criteria[1].points == Decimal("2.5")


def test_a_long_text_is_a_title_and_a_description() -> None:
    clarity = rubric_from_moodle(RUBRIC).criteria[0]
    assert clarity.description == "of & in thought"
    assert [(level.title, level.description) for level in clarity.levels] == [("unclear", ""), ("", SENTENCE)]


def test_a_marking_guide_keeps_what_is_for_markers_apart() -> None:
    draft = rubric_from_moodle(GUIDE)
    (criterion,) = draft.criteria
    assert (draft.kind, criterion.points, criterion.levels) == (RubricKind.GUIDE, 10, ())
    assert (criterion.description, criterion.for_markers) == ("Write clearly", "Be strict")
    assert draft.notes == {Note.COMMENTS_LEFT}


def test_criteria_that_read_alike_get_titles_of_their_own() -> None:
    levels = [{"id": 1, "score": 1, "definition": "low"}, {"id": 2, "score": 2, "definition": "high"}]
    criteria = [{"id": number, "sortorder": number, "description": "Same", "levels": levels} for number in (1, 2)]
    draft = rubric_from_moodle({"method": "rubric", "rubric": {"rubric_criteria": criteria}})
    assert [criterion.title for criterion in draft.criteria] == ["Same", "Same (2)"]
    assert draft.notes == {Note.LOWEST_GIVES_POINTS}


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ({"method": "checklist"}, "moodle_method_unknown"),
        ({"method": "rubric"}, "moodle_rubric_unreadable"),
        ({}, "moodle_rubric_unreadable"),
        (
            {"method": "guide", "guide": {"guide_criteria": [{"id": 1, "shortname": "A", "maxscore": "x"}]}},
            "moodle_rubric_unreadable",
        ),
        ({"method": "rubric", "rubric": {"rubric_criteria": []}}, "rubric_refused"),
    ],
)
def test_what_cannot_be_taken_over_is_refused(definition: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rubric_from_moodle(definition)
    assert refusal.value.code == code
