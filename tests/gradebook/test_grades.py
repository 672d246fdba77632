"""Recording a grade: a draft with versions, by staff of the course, never one's own."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import update

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import approved_grade_of, grade_for, grade_of, record_grade
from lti_tool.gradebook.marks import record_marks
from lti_tool.gradebook.models import Grade
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.gradebook.conftest import Record


def test_a_grade_begins_as_version_one(record: Record) -> None:
    grade = record("7.5", " Good ")
    assert (grade.version, grade.points, grade.maximum, grade.comment) == (1, Decimal("7.5"), 10, "Good")


@pytest.mark.parametrize("points, comment", [("8", "Good"), ("7.5", "Better")])
def test_a_change_is_a_new_version(record: Record, points: str, comment: str) -> None:
    record("7.5", "Good")
    assert record(points, comment).version == 2


def test_the_same_again_is_no_new_version(record: Record) -> None:
    record("7.5", "Good")
    assert record("7.500", "Good ").version == 1


def test_a_grade_that_somebody_changed_since_it_was_read_gets_the_version_after_theirs(
    house: House, record: Record
) -> None:
    grade = record("7.5")
    theirs = update(Grade).where(Grade.id == grade.id).values(version=2, points=5)
    house.session.execute(theirs, execution_options={"synchronize_session": False})
    assert grade.version == 1 and record("8").version == 3


def test_marks_from_a_form_that_was_overtaken_are_refused(house: House, teacher: Viewer, record: Record) -> None:
    grade = record("7.5")
    theirs = update(Grade).where(Grade.id == grade.id).values(version=2, points=5)
    house.session.execute(theirs, execution_options={"synchronize_session": False})
    with pytest.raises(InvalidInput, match="graded this student meanwhile"):
        record_marks(
            house.session,
            teacher,
            placement_id=grade.placement_id,
            person_id=grade.person_id,
            points=Decimal(8),
            comment="",
            seen=1,
        )


@pytest.mark.parametrize("points", ["-0.001", "10.001", "NaN", "Infinity", "1.0001"])
def test_points_that_cannot_be_are_refused(record: Record, points: str) -> None:
    with pytest.raises(InvalidInput):
        record(points)


@pytest.mark.parametrize("comment", ["x" * 40_001, "a\0b"])
def test_a_comment_that_cannot_be_is_refused(record: Record, comment: str) -> None:
    with pytest.raises(InvalidInput):
        record(comment=comment)


@pytest.mark.parametrize("points", ["0", "10"])
def test_nothing_and_everything_are_grades(record: Record, points: str) -> None:
    assert record(points).points == Decimal(points)


def record_as(house: House, viewer: Viewer, person: str, kind: PlacementKind = PlacementKind.ACTIVITY) -> None:
    record_grade(
        house.session,
        viewer,
        placement_id=house.placements[kind].id,
        person_id=house.people[person].id,
        points=Decimal(5),
        comment="",
    )


def test_a_student_records_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        record_as(house, viewer_of(house, "student"), "other_student")


def test_a_teacher_of_another_course_records_nothing(house: House) -> None:
    with pytest.raises(NotFound):
        record_as(house, viewer_of(house, "outsider"), "student")


def test_nobody_grades_themselves(house: House, teacher: Viewer) -> None:
    with pytest.raises(NotAllowed, match="own_grade"):
        record_as(house, teacher, "teacher")


def test_a_stranger_to_the_course_gets_no_grade(house: House, teacher: Viewer) -> None:
    with pytest.raises(NotFound, match="person_unknown"):
        record_as(house, teacher, "outsider")


def test_what_has_no_points_has_no_grades(house: House, teacher: Viewer) -> None:
    with pytest.raises(InvalidInput, match="placement_ungraded"):
        record_as(house, teacher, "student", PlacementKind.TUTOR)


def test_staff_see_a_draft(house: House, teacher: Viewer, record: Record) -> None:
    grade = record()
    found = grade_of(house.session, teacher, placement_id=grade.placement_id, person_id=house.student.id)
    assert found is grade


def test_a_student_sees_what_was_approved_alone(house: House, teacher: Viewer, record: Record) -> None:
    student = viewer_of(house, "student")
    placement_id = record("7").placement_id
    assert approved_grade_of(house.session, student, placement_id=placement_id) is None
    record("8", approved=True)
    record("9")
    seen = approved_grade_of(house.session, student, placement_id=placement_id)
    assert seen is not None and seen.points == 8


def test_another_student_sees_nothing_of_it(house: House, record: Record) -> None:
    placement_id = record(approved=True).placement_id
    other = viewer_of(house, "other_student")
    assert approved_grade_of(house.session, other, placement_id=placement_id) is None
    with pytest.raises(NotAllowed):
        grade_of(house.session, other, placement_id=placement_id, person_id=house.student.id)


def test_a_grade_of_another_course_is_not_found(house: House, record: Record) -> None:
    outsider = viewer_of(house, "outsider")
    grade = record()
    with pytest.raises(NotFound):
        grade_for(house.session, outsider, grade.id)
    with pytest.raises(NotFound):
        approve(house.session, outsider, grade)
    with pytest.raises(NotFound):
        grade_of(house.session, outsider, placement_id=grade.placement_id, person_id=house.student.id)


def test_a_placement_that_does_not_exist_is_not_found(house: House, teacher: Viewer) -> None:
    with pytest.raises(NotFound):
        grade_of(house.session, teacher, placement_id=uuid4(), person_id=house.student.id)
