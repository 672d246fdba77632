"""Who marks whom: an even split, two for each where two mark, and a queue of one's own."""

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.desk.allocation import allocate, allocations_of, graders_of, split_evenly
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn


@pytest.fixture
def students(house: House) -> list[int]:
    return [house.student.id, house.people["other_student"].id]


@pytest.fixture
def markers(house: House) -> list[int]:
    return [house.teacher.id, house.people["non_editing_teacher"].id]


def test_graders_are_who_may_grade(house: House, markers: list[int], students: list[int]) -> None:
    graders = {person.id for person in graders_of(house.session, viewer_of(house, "teacher"))}
    assert graders >= set(markers) and not graders & set(students)


def test_an_even_split_gives_each_marker_as_many(
    house: House, activity: Placement, students: list[int], markers: list[int]
) -> None:
    assert split_evenly(house.session, viewer_of(house, "teacher"), activity, students, markers) == 2
    given = allocations_of(house.session, activity)
    assert sorted(marker.id for found in given.values() for marker in found) == sorted(markers)


def test_a_second_split_changes_nothing(
    house: House, activity: Placement, students: list[int], markers: list[int]
) -> None:
    teacher = viewer_of(house, "teacher")
    split_evenly(house.session, teacher, activity, students, markers)
    assert split_evenly(house.session, teacher, activity, students, markers) == 0


def test_where_two_mark_each_student_has_two_different_markers(
    house: House, activity: Placement, students: list[int], markers: list[int]
) -> None:
    change_marking_options(activity, MarkingOptions(has_two_markers=True))
    assert split_evenly(house.session, viewer_of(house, "teacher"), activity, students, markers) == len(students)
    given = allocations_of(house.session, activity)
    assert all({marker.id for marker in given[student]} == set(markers) for student in students)


def test_only_who_may_grade_is_given_work(house: House, activity: Placement, students: list[int]) -> None:
    teacher = viewer_of(house, "teacher")
    with pytest.raises(InvalidInput, match="at least one"):
        split_evenly(house.session, teacher, activity, students, [house.people["outsider"].id])
    with pytest.raises(InvalidInput, match="may grade"):
        allocate(house.session, teacher, activity, students[0], [students[1]])


def test_a_grader_gives_nobody_work(house: House, activity: Placement, students: list[int], markers: list[int]) -> None:
    with pytest.raises(NotAllowed):
        split_evenly(house.session, viewer_of(house, "non_editing_teacher"), activity, students, markers)


def test_a_marker_sees_only_their_own_share_where_they_want_that(
    enter: Enter, teacher: Browser, handed_in: HandIn, students: list[int], markers: list[int]
) -> None:
    for name in ("student", "other_student"):
        handed_in(by=name)
    teacher.post("grading/setup/allocate", {"student": str(students[0]), "marker": [str(markers[1])]})
    grader = enter("non_editing_teacher", ACTIVITY)
    grader.post("grading/choices", {"order": "name", "mine": "yes"})
    text = grader.page("grading").get_text()
    assert "Student Canary" in text and "Other" not in text.replace("Other points", "")


def test_the_page_splits_and_takes_all_back(teacher: Browser, markers: list[int]) -> None:
    sent = {"marker": [str(marker) for marker in markers]}
    assert "given a marker" in teacher.follow(teacher.post("grading/setup/split", sent)).get_text()
    assert "Nobody is given work" in teacher.follow(teacher.post("grading/setup/split", {"clear": "yes"})).get_text()
    assert teacher.post("grading/setup/split", {}).status_code == 400


@pytest.mark.parametrize("path", ["setup", "setup/split", "setup/allocate"])
def test_graders_and_students_set_nothing_up(enter: Enter, student: Browser, path: str) -> None:
    for browser in (student, enter("non_editing_teacher", ACTIVITY)):
        assert browser.post(f"grading/{path}", {}).status_code == 403
