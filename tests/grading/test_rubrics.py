"""The versions of a rubric."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement
from lti_tool.errors import NotAllowed
from lti_tool.grading.models import Criterion, Level, Rubric
from lti_tool.grading.rubrics.versions import rubric_as_text, rubric_of, save_rubric
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark

NEW = "Clarity: no 0 | yes 4\nReasons: 6"


def test_the_first_rubric_is_the_pickers(rubric: Rubric) -> None:
    assert (rubric.version, rubric_as_text(rubric)) == (1, "Clarity: 4\nReasons: 6")


def test_it_is_made_once(house: House, activity: Placement, rubric: Rubric) -> None:
    again = rubric_of(house.session, activity)
    assert again is not None and again.id == rubric.id


def test_without_a_rubric_there_is_none(house: House, activity: Placement) -> None:
    activity.options = {}
    assert rubric_of(house.session, activity) is None


def test_a_change_is_the_next_version(house: House, activity: Placement, rubric: Rubric) -> None:
    saved = save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    assert (saved.version, rubric_as_text(saved)) == (2, NEW)
    assert rubric_as_text(rubric) == "Clarity: 4\nReasons: 6"


def test_saving_the_same_changes_nothing(house: House, activity: Placement, rubric: Rubric) -> None:
    text = rubric_as_text(rubric)
    assert save_rubric(house.session, viewer_of(house, "teacher"), activity, text).id == rubric.id


def test_a_copied_activity_would_take_the_levels_along(house: House, activity: Placement) -> None:
    save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    assert activity.options["rubric"][0]["levels"] == [{"title": "no", "points": 0}, {"title": "yes", "points": 4}]


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_only_who_manages_the_course_changes_it(house: House, activity: Placement, name: str) -> None:
    with pytest.raises(NotAllowed):
        save_rubric(house.session, viewer_of(house, name), activity, NEW)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rubric SET version = 9",
        "UPDATE criterion SET points = 9",
        "DELETE FROM level",
        "UPDATE level SET points = 0",
    ],
)
def test_the_table_refuses_a_change_in_place(house: House, rubric: Rubric, change: str) -> None:
    with pytest.raises(DBAPIError, match="is never changed"):
        house.session.execute(text(change))


def test_the_table_refuses_a_criterion_or_level_more_once_it_is_in_use(
    house: House, rubric: Rubric, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in())
    for row in (
        Criterion(rubric_id=rubric.id, position=9, title="New", points=1),
        Level(criterion_id=rubric.criteria[0].id, position=9, points=1),
    ):
        with pytest.raises(DBAPIError, match="in use"), house.session.begin_nested():
            house.session.add(row)
            house.session.flush()
