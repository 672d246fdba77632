"""Teachers say what is assessed, and students are told."""

import pytest

from lti_tool.accounts.models import PlacementKind
from tests.fixtures.people import Enter, House

NOTE = "the tutor gives hints and leaves the solution"


def tick_tutor(enter: Enter, house: House) -> None:
    teacher = enter("teacher", PlacementKind.TUTOR)
    ticked = {"assessed": str(house.placements[PlacementKind.TUTOR].id)}
    assert teacher.post("tutor/assessed/", data=ticked).status_code == 303


def test_a_teacher_ticks_an_activity_and_students_are_told(enter: Enter, house: House) -> None:
    assert NOTE not in enter("student", PlacementKind.TUTOR).page("tutor/").text
    tick_tutor(enter, house)
    assert NOTE in enter("student", PlacementKind.TUTOR).page("tutor/").text
    page = enter("teacher", PlacementKind.TUTOR).page("tutor/assessed/")
    assert len(page.select("input[name=assessed][checked]")) == 1


@pytest.mark.parametrize("name", ["student", "non_editing_teacher"])
def test_who_may_not_manage_sees_no_such_page(enter: Enter, name: str) -> None:
    browser = enter(name, PlacementKind.TUTOR)
    assert browser.get("tutor/assessed/").status_code == 403
    assert browser.post("tutor/assessed/", data={}).status_code == 403


def test_a_malformed_id_is_refused(enter: Enter) -> None:
    assert enter("teacher", PlacementKind.TUTOR).post("tutor/assessed/", data={"assessed": "1"}).status_code == 400
