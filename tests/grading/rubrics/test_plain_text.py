"""Rubrics as lines of text, and the levels that points alone make."""

from decimal import Decimal

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.rubrics.drafts import LevelDraft, made_levels
from lti_tool.grading.rubrics.plain_text import read_lines, write_lines


def test_a_line_names_a_criterion_and_its_levels() -> None:
    (criterion,) = read_lines("Clarity: of thought: unclear 0 | quite clear 2,5 | clear 4").criteria
    assert (criterion.title, criterion.points) == ("Clarity: of thought", 4)
    assert criterion.levels[1] == LevelDraft(title="quite clear", points=Decimal("2.5"))


def test_points_alone_make_every_level_where_they_are_few() -> None:
    assert [level.points for level in made_levels(4)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("points", "quarters"), [("8", [0, 2, 4, 6, 8]), ("7", [0, 2, 4, 5, 7]), ("6", [0, 2, 3, 5, 6]), ("2", [0, 1, 2])]
)
def test_points_alone_make_whole_quarters_where_they_are_many(points: str, quarters: list[int]) -> None:
    assert [level.points for level in made_levels(Decimal(points))] == quarters


def test_half_points_make_quarters() -> None:
    assert [level.points for level in made_levels(Decimal("1.5"))] == [
        Decimal(text) for text in ("0", "0.375", "0.75", "1.125", "1.5")
    ]


@pytest.mark.parametrize("text", ["Clarity: 4\nReasons: 6", "Clarity: no 0 | so-so 2.5 | yes 4\nReasons: 0 | 6"])
def test_what_is_written_is_read_again(text: str) -> None:
    assert write_lines(read_lines(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Clarity",
        ": 10",
        "Clarity: 0",
        "Clarity: many",
        "Clarity: good 10",
        "Clarity: bad 0 | good 1001",
        "Clarity: bad 0 | worse 0",
        "Clarity: good 10 | good 10",
        "Clarity: 5\nClarity: 5",
        "Clarity: ٤",
        "\n".join(f"C{number}: 1" for number in range(31)),
    ],
)
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_lines(text)
    assert refusal.value.code == "rubric_refused"
