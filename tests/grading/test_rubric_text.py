"""Rubrics as people write them."""

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.rubrics.plain_text import LevelPlan, as_options, from_options, made_levels, read_rubric, write_rubric


def test_a_line_names_a_criterion_and_its_levels() -> None:
    (criterion,) = read_rubric("Clarity: of thought: unclear 0 | quite clear 2 | clear 4", points=4)
    assert (criterion.title, criterion.points) == ("Clarity: of thought", 4)
    assert criterion.levels[1] == LevelPlan(title="quite clear", points=2)


def test_points_alone_make_every_level_where_they_are_few() -> None:
    assert [level.points for level in made_levels(4)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("points", "quarters"), [(8, [0, 2, 4, 6, 8]), (7, [0, 2, 4, 5, 7]), (6, [0, 2, 3, 5, 6])])
def test_points_alone_make_quarters_where_they_are_many(points: int, quarters: list[int]) -> None:
    assert [level.points for level in made_levels(points)] == quarters


@pytest.mark.parametrize("text", ["Clarity: 4\nReasons: 6", "Clarity: no 0 | so-so 2 | yes 4\nReasons: 0 | 6"])
def test_what_is_written_is_read_again(text: str) -> None:
    criteria = read_rubric(text, points=10)
    assert write_rubric(criteria) == text
    assert from_options({"rubric": as_options(criteria)}) == criteria


def test_the_pickers_rubric_gets_levels() -> None:
    (criterion,) = from_options({"rubric": [{"title": "Clarity", "points": 2}]})
    assert [level.points for level in criterion.levels] == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "rubric_refused"),
        ("Clarity", "rubric_refused"),
        (": 10", "rubric_refused"),
        ("Clarity: 0", "rubric_refused"),
        ("Clarity: many", "rubric_refused"),
        ("Clarity: good 10", "rubric_refused"),
        ("Clarity: bad 0 | good 1000", "rubric_refused"),
        ("Clarity: bad 0 | worse 0", "rubric_refused"),
        ("Clarity: good 10 | good 10", "rubric_refused"),
        ("Clarity: 5\nClarity: 5", "rubric_refused"),
        ("Clarity: ٤", "rubric_refused"),
        ("\n".join(f"C{number}: 1" for number in range(31)), "rubric_refused"),
        ("Clarity: 9", "rubric_sum"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_rubric(text, points=10)
    assert refusal.value.code == code
