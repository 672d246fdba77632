"""The versions of a rubric."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.grading.models import Criterion, Level, Rubric
from lti_tool.grading.rubrics.drafts import draft_of
from lti_tool.grading.rubrics.plain_text import read_lines, write_lines
from lti_tool.grading.rubrics.versions import reviews_on, rubric_of, save_rubric, version_of, versions_of
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn, Mark

NEW = read_lines("Clarity: no 0 | yes 4\nReasons: 6")


def lines_of(rubric: Rubric) -> str:
    return write_lines(draft_of(rubric))


def test_the_first_rubric_is_the_pickers(rubric: Rubric) -> None:
    assert (rubric.version, lines_of(rubric)) == (1, "Clarity: 4\nReasons: 6")


def test_it_is_made_once(house: House, activity: Placement, rubric: Rubric) -> None:
    again = rubric_of(house.session, activity)
    assert again is not None and again.id == rubric.id


def test_without_a_rubric_there_is_none(house: House, activity: Placement) -> None:
    activity.options = {}
    assert rubric_of(house.session, activity) is None


def test_a_change_is_the_next_version(house: House, activity: Placement, rubric: Rubric) -> None:
    saved = save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    assert (saved.version, lines_of(saved)) == (2, write_lines(NEW))
    assert lines_of(rubric) == "Clarity: 4\nReasons: 6"


def test_saving_the_same_changes_nothing(house: House, activity: Placement, rubric: Rubric) -> None:
    assert save_rubric(house.session, viewer_of(house, "teacher"), activity, draft_of(rubric)).id == rubric.id


def test_a_copied_activity_would_take_the_rubric_along(house: House, activity: Placement) -> None:
    saved = save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    copy = Placement(
        course_id=activity.course_id, kind=activity.kind, title="Copy", points=10, options=dict(activity.options)
    )
    house.session.add(copy)
    house.session.flush()
    taken = rubric_of(house.session, copy)
    assert taken is not None and taken.id != saved.id and draft_of(taken) == draft_of(saved)


def test_every_version_stays_to_be_looked_at(house: House, activity: Placement, rubric: Rubric) -> None:
    save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    assert [one.version for one in versions_of(house.session, activity)] == [2, 1]
    assert version_of(house.session, activity, 1).id == rubric.id
    with pytest.raises(NotFound):
        version_of(house.session, activity, 3)


def test_it_is_known_which_versions_were_marked_on(
    house: House, activity: Placement, rubric: Rubric, handed_in: HandIn, marked: Mark
) -> None:
    marked(handed_in())
    save_rubric(house.session, viewer_of(house, "teacher"), activity, NEW)
    assert reviews_on(house.session, activity) == {rubric.id: 1}


def test_points_read_as_people_write_them(house: House, activity: Placement) -> None:
    saved = save_rubric(house.session, viewer_of(house, "teacher"), activity, read_lines("A: 0 | 2.5 | 10"))
    house.session.expire_all()
    assert [f"{level.points}" for level in saved.criteria[0].levels] == ["0", "2.5", "10"]


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
