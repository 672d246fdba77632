"""Where grades wait for their release: nothing leaves before, one step lets it go, and either way is final."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import approved_grade_of, is_approved
from lti_tool.gradebook.models import Approval, ApprovalEnd, Grade, Push
from lti_tool.gradebook.options import MarkingOptions, change_marking_options, marking_options
from lti_tool.gradebook.overview import GradeState, grade_rows
from lti_tool.gradebook.release import current_approval, held_grades, release, withdraw
from lti_tool.gradebook.resend import resend
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.gradebook.conftest import Record


@pytest.fixture
def activity(house: House) -> Placement:
    placement = house.placements[PlacementKind.ACTIVITY]
    change_marking_options(placement, MarkingOptions(is_held=True))
    house.session.flush()
    return placement


def pushes(house: House) -> list[int]:
    return list(house.session.scalars(select(Push.grade_version)))


def state_of(house: House, teacher: Viewer, activity: Placement) -> GradeState:
    rows = {row.person.id: row for row in grade_rows(house.session, teacher, activity.id)}
    return rows[house.student.id].state


def let_go(house: House, teacher: Viewer, grade: Grade) -> None:
    approval = current_approval(house.session, grade)
    assert approval is not None
    release(house.session, teacher, grade, approval)


def test_an_approved_grade_waits(house: House, teacher: Viewer, activity: Placement, record: Record) -> None:
    grade = record(approved=True)
    assert pushes(house) == [] and state_of(house, teacher, activity) is GradeState.HELD
    student = viewer_of(house, "student", PlacementKind.ACTIVITY)
    assert approved_grade_of(house.session, student, placement_id=activity.id) is None
    assert is_approved(house.session, placement_id=activity.id, person_id=student.person_id)
    assert held_grades(house.session, teacher, activity) == [grade]


def test_a_release_queues_the_push_and_shows_the_grade(
    house: House, teacher: Viewer, activity: Placement, record: Record
) -> None:
    grade = record(approved=True)
    for _click in range(2):
        let_go(house, teacher, grade)
    student = viewer_of(house, "student", PlacementKind.ACTIVITY)
    assert pushes(house) == [1] and approved_grade_of(house.session, student, placement_id=activity.id)
    assert state_of(house, teacher, activity) is GradeState.WAITING
    assert held_grades(house.session, teacher, activity) == []


def test_a_withdrawn_approval_is_a_draft_that_can_be_approved_again(
    house: House, teacher: Viewer, activity: Placement, record: Record
) -> None:
    grade = withdraw(house.session, teacher, record(approved=True).id, version=1)
    assert state_of(house, teacher, activity) is GradeState.DRAFT and pushes(house) == []
    approve(house.session, teacher, grade)
    let_go(house, teacher, grade)
    assert pushes(house) == [2]


def test_what_was_released_is_not_withdrawn(house: House, teacher: Viewer, activity: Placement, record: Record) -> None:
    grade = record(approved=True)
    let_go(house, teacher, grade)
    with pytest.raises(InvalidInput, match="released already"):
        withdraw(house.session, teacher, grade.id, version=1)


def test_what_was_withdrawn_is_not_released(house: House, teacher: Viewer, activity: Placement, record: Record) -> None:
    grade = record(approved=True)
    approval = current_approval(house.session, grade)
    withdraw(house.session, teacher, grade.id, version=1)
    assert approval is not None
    with pytest.raises(InvalidInput, match="withdrawn"):
        release(house.session, teacher, grade, approval)


def test_a_held_grade_cannot_be_sent_by_sending_again(
    house: House, teacher: Viewer, activity: Placement, record: Record
) -> None:
    with pytest.raises(InvalidInput, match="not approved and released"):
        resend(house.session, teacher, record(approved=True).id)


def test_the_student_keeps_the_released_grade_while_a_newer_one_waits(
    house: House, teacher: Viewer, activity: Placement, record: Record
) -> None:
    let_go(house, teacher, record("7", approved=True))
    record("9", approved=True)
    student = viewer_of(house, "student", PlacementKind.ACTIVITY)
    seen = approved_grade_of(house.session, student, placement_id=activity.id)
    assert seen is not None and seen.points == 7 and state_of(house, teacher, activity) is GradeState.HELD


def test_nobody_releases_or_withdraws_their_own(house: House, activity: Placement, record: Record) -> None:
    grade = record(approved=True)
    approval, own = current_approval(house.session, grade), viewer_of(house, "student", PlacementKind.ACTIVITY)
    assert approval is not None
    with pytest.raises(NotAllowed):
        release(house.session, own, grade, approval)
    with pytest.raises(NotAllowed):
        withdraw(house.session, own, grade.id, version=1)


def test_the_table_refuses_a_push_before_the_release(house: House, activity: Placement, record: Record) -> None:
    grade = record(approved=True)
    values = {
        "resource_link_id": house.links[PlacementKind.ACTIVITY].id,
        "person_id": grade.person_id,
        "grade_id": grade.id,
        "grade_version": 1,
        "next_try_at": now(),
        "give_up_at": now(),
    }
    with pytest.raises(DBAPIError, match="released approval"):
        house.session.execute(insert(Push).values(values))


def test_the_table_keeps_ends_as_they_are(house: House, teacher: Viewer, record: Record) -> None:
    record(approved=True)
    assert (
        house.session.scalars(select(ApprovalEnd.approval_id)).all() == house.session.scalars(select(Approval.id)).all()
    )
    with pytest.raises(DBAPIError, match="append-only"):
        house.session.execute(update(ApprovalEnd).values(kind="withdrawn"))


def test_names_that_hide_people_are_made_once(activity: Placement) -> None:
    salt = marking_options(activity).salt
    change_marking_options(activity, MarkingOptions(is_anonymous=True))
    assert marking_options(activity) == MarkingOptions(is_anonymous=True, salt=salt)


def test_a_hidden_person_is_shown_by_code_until_the_release(
    house: House, teacher: Viewer, activity: Placement, record: Record
) -> None:
    change_marking_options(activity, MarkingOptions(is_held=True, is_anonymous=True))
    grade = record(approved=True)
    rows = grade_rows(house.session, teacher, activity.id)
    assert all(row.is_hidden and row.name != row.person.display_name for row in rows)
    let_go(house, teacher, grade)
    shown = [row.name for row in grade_rows(house.session, teacher, activity.id) if not row.is_hidden]
    assert shown == [house.student.display_name]
