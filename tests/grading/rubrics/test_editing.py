"""The editor's form: nothing typed is lost by any button, and what is saved is what was typed."""

from dataclasses import replace

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.editing import pressed
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.typed import (
    CriterionRow,
    LevelRow,
    RubricForm,
    draft_from,
    empty_form,
    form_of,
    read_form,
)

FORM = form_of(read_lines("Clarity: no 0 | yes 4\nReasons: no 0 | some 3 | all 6"))


def titles(form: RubricForm) -> list[str]:
    return [row.title for row in form.criteria]


def levels(form: RubricForm, place: int = 0) -> list[str]:
    return [level.title for level in form.criteria[place].levels]


def test_the_fields_are_read_in_the_order_of_their_numbers() -> None:
    fields = {
        "kind": "levels",
        "c10-title": "B",
        "c2-title": "A\r\n",
        "c2-l9-points": "4",
        "c2-l1-title": "x",
        "other": "y",
    }
    form = read_form(fields)
    assert titles(form) == ["A", "B"]
    assert form.criteria[0].levels == (LevelRow(title="x"), LevelRow(points="4"))


def test_a_field_nobody_made_is_left_out() -> None:
    assert read_form({"kind": "guide", "c0-levels": "x", "c0-evil": "y"}).criteria == (CriterionRow(),)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_form({"kind": "essay"})


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("c0-down", ["Reasons", "Clarity"]),
        ("c1-up", ["Reasons", "Clarity"]),
        ("c0-up", ["Clarity", "Reasons"]),
        ("c1-down", ["Clarity", "Reasons"]),
        ("c0-remove", ["Reasons"]),
        ("add", ["Clarity", "Reasons", ""]),
        ("c9-remove", ["Clarity", "Reasons"]),
        ("nonsense", ["Clarity", "Reasons"]),
    ],
)
def test_buttons_move_criteria(button: str, after: list[str]) -> None:
    assert titles(pressed(FORM, button)) == after


@pytest.mark.parametrize(
    ("button", "after", "focus"),
    [
        ("c1-l0-down", ["some", "no", "all"], "c1-l1-title"),
        ("c1-l2-remove", ["no", "some"], "c1-l1-title"),
        ("c1-add", ["no", "some", "all", ""], "c1-l3-title"),
        ("c1-l9-up", ["no", "some", "all"], ""),
    ],
)
def test_buttons_move_levels_and_say_where_to_look(button: str, after: list[str], focus: str) -> None:
    form = pressed(FORM, button)
    assert (levels(form, 1), form.focus) == (after, focus)


def test_a_new_criterion_starts_with_the_scale_of_the_one_before() -> None:
    assert [level.points for level in pressed(FORM, "add").criteria[2].levels] == ["0", "3", "6"]


def test_another_kind_makes_what_it_needs_and_forgets_nothing() -> None:
    guide = pressed(replace(FORM, kind=RubricKind.GUIDE), "kind")
    assert [row.points for row in guide.criteria] == ["4", "6"]
    assert draft_from(guide).points == 10
    assert draft_from(pressed(replace(guide, kind=RubricKind.LEVELS), "kind")) == draft_from(FORM)


def test_points_of_a_guide_become_levels() -> None:
    guide = RubricForm(kind=RubricKind.LEVELS, criteria=(CriterionRow(title="A", points="2"),))
    assert [level.points for level in pressed(guide, "kind").criteria[0].levels] == ["0", "1", "2"]


def test_the_total_is_of_what_can_be_read() -> None:
    row = CriterionRow(levels=(LevelRow(points="2,5"), LevelRow(points="many"), LevelRow(points="")))
    assert f"{RubricForm(criteria=(row,)).points}" == "2.5"


def test_a_number_that_cannot_be_read_is_named() -> None:
    row = CriterionRow(title="A", levels=(LevelRow(points="0"), LevelRow(points="many")))
    with pytest.raises(InvalidInput) as refusal:
        draft_from(RubricForm(criteria=(row,)))
    assert refusal.value.details["field"] == "c0-l1-points"


def test_an_empty_form_gives_all_the_points() -> None:
    form = empty_form(100)
    assert (form.points, titles(form)) == (100, [""])
