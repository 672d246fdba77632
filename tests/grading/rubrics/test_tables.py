"""Rubrics as tables, in each form that people paste."""

from decimal import Decimal

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, Note, RubricDraft
from lti_tool.grading.rubrics.sources.pasted import read_anything
from lti_tool.grading.rubrics.tables import rubric_csv

TABS = 'Criterion\tExcellent (4)\tFair (2)\tPoor (0)\nClarity\tReads well\t"Stumbles\nat times"\tLost\n'
MARKDOWN = """
| Criterion | Excellent (4) | Fair (2) | Poor (0) |
|---|:-:|---|---|
| Clarity | Reads well | Stumbles\\|at times | Lost |
"""
HTML = (
    "<p>x</p><table><tr><th>Criterion<th>Excellent (4)<th>Fair (2)<th>Poor (0)</tr>"
    "<tr><td>Clarity<td>Reads <b>well</b><td>Stumbles at times<td>Lost</table>"
)


def the_only(text: str) -> CriterionDraft:
    (criterion,) = read_anything(text).criteria
    return criterion


@pytest.mark.parametrize("text", [TABS, MARKDOWN, HTML])
def test_levels_across_are_read_from_every_kind_of_table(text: str) -> None:
    criterion = the_only(text)
    assert [(level.title, level.points) for level in criterion.levels] == [("Excellent", 4), ("Fair", 2), ("Poor", 0)]
    assert (criterion.title, criterion.levels[0].description) == ("Clarity", "Reads well")
    assert criterion.levels[1].description.startswith("Stumbles")


@pytest.mark.parametrize(
    "heading", ["Good (4)", "Good - 4 points", "4 - Good", "Good: 4 pts", "Good (3-4)", "4 Punkte: Good", "Good 4"]
)
def test_points_in_a_heading_are_found(heading: str) -> None:
    level = the_only(f"Criterion;{heading};Bad (0)\nClarity;yes;no").levels[0]
    assert (level.title, level.points) == ("Good", 4)


def test_a_cells_own_points_come_first() -> None:
    assert [level.points for level in the_only('Criteria,Good (4),Bad (0)\nA,fine (3),"no, not"').levels] == [3, 0]


def test_a_number_in_a_sentence_is_no_points() -> None:
    assert the_only("Criteria;Good (4);Bad (0)\nA;names at least 3;names 1").levels[0].points == 4


def test_points_alone_fill_a_table() -> None:
    assert [level.points for level in the_only("Criterion;Good;Bad\nClarity;4;0,5").levels] == [4, Decimal("0.5")]


def test_an_empty_cell_is_no_level_and_the_corner_may_be_empty() -> None:
    draft = read_anything("\tGood (2)\tFair (1)\tBad (0)\nA\tx\t\ty\nB\tx\tz\ty")
    assert [len(criterion.levels) for criterion in draft.criteria] == [2, 3]


def test_without_points_they_are_made_and_it_is_said() -> None:
    draft = read_anything("Criterion\tPoints\tGood\tFair\tBad\nClarity\t10\tx\ty\tz")
    assert [level.points for level in draft.criteria[0].levels] == [10, 5, 0]
    assert Note.POINTS_MADE in draft.notes


def test_descriptions_and_points_are_a_marking_guide() -> None:
    draft = read_anything("Kriterium;Beschreibung;Für Bewertende;Punkte\nKlarheit;Liest es sich?;streng;2,5")
    assert draft.kind is RubricKind.GUIDE
    assert draft.criteria[0] == CriterionDraft(
        title="Klarheit", description="Liest es sich?", for_markers="streng", points=Decimal("2.5")
    )


def test_two_columns_without_a_heading_are_criteria_with_points() -> None:
    draft = read_anything("Clarity\t4\nReasons\t6")
    assert [(criterion.title, criterion.points) for criterion in draft.criteria] == [("Clarity", 4), ("Reasons", 6)]


def test_levels_down_take_their_criterion_from_above() -> None:
    draft = read_anything("Criterion\tLevel\tPoints\nA\tgood\t2\n\tbad\t0\nB\tgood\t3\n\tbad\t1")
    assert [criterion.points for criterion in draft.criteria] == [2, 3]


@pytest.mark.parametrize("kind", RubricKind)
def test_an_exported_table_is_read_again(kind: RubricKind) -> None:
    levels = (LevelDraft(title="=bad", points=Decimal(0)), LevelDraft(description="a\nb", points=Decimal("2.5")))
    criterion = CriterionDraft(
        title="Clarity, of a kind",
        description='It "flows"\nand ends',
        for_markers="-strict",
        points=Decimal("2.5"),
        weight=Decimal(30),
        levels=() if kind is RubricKind.GUIDE else levels,
    )
    draft = RubricDraft(kind=kind, criteria=(criterion,))
    assert read_anything(rubric_csv(draft)) == draft


def test_lines_of_text_and_json_come_the_same_way() -> None:
    assert the_only("Clarity: unclear 0 | clear 4").points == 4
    assert the_only('[{"title": "Clarity", "points": 4}]').points == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Paste a rubric"),
        ("a\0b", "too long"),
        ("Criterion;Points", "needs a first row"),
        ("Criterion;Points\nA;many", "has no points"),
        ("Criterion;Level;Level points\nA;good;", "has no points"),
        ("Criterion;Good (4);Bad (0)\nA;x;", "needs from 2"),
        ("Criterion;Points\n" + "A;1\n" * 501, "at most 500 rows"),
        ("<table></table>", "cannot be read"),
        ("hello", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_anything(text)
