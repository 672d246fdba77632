"""Approving: by a named person, of what that person saw, once; and what the tables refuse."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event, EventKind
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Approval, Push, PushAttempt, PushStatus
from lti_tool.gradebook.resend import resend
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.gradebook.conftest import Record


def pushes(house: House) -> list[Push]:
    house.session.expire_all()
    return list(house.session.scalars(select(Push)))


def test_an_approval_names_person_and_words(house: House, teacher: Viewer, record: Record) -> None:
    approval = approve(house.session, teacher, record("7.5", "Good"))
    assert approval.approved_by_id == teacher.person_id
    assert approval.changes == {"points": [None, "7.5"], "maximum": [None, "10"], "comment": [None, "Good"]}


def test_an_approval_says_what_changed(house: House, teacher: Viewer, record: Record) -> None:
    record("7.5", approved=True)
    assert approve(house.session, teacher, record("8")).changes == {"points": ["7.5", "8"]}


def test_an_approval_queues_a_push_and_a_nudge(house: House, record: Record) -> None:
    grade = record(approved=True)
    (push,) = pushes(house)
    assert (push.grade_id, push.grade_version, push.status) == (grade.id, 1, PushStatus.TODO)
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'gradebook.push'"
    assert house.session.scalar(text(jobs)) == 1


def test_an_approval_is_an_event_of_the_approver(house: House, teacher: Viewer, record: Record) -> None:
    approve(house.session, teacher, record(approved=True))
    house.session.flush()
    (event,) = house.session.scalars(select(Event).where(Event.kind == EventKind.APPROVED))
    assert (event.course_id, event.person_id) == (house.course.id, teacher.person_id)
    assert event.placement_id == house.placements[PlacementKind.ACTIVITY].id


def test_a_draft_queues_nothing(house: House, record: Record) -> None:
    record()
    assert pushes(house) == []


def test_a_second_click_changes_nothing(house: House, teacher: Viewer, record: Record) -> None:
    grade = record()
    assert approve(house.session, teacher, grade) is approve(house.session, teacher, grade)
    assert house.session.scalar(select(func.count()).select_from(Approval)) == 1


def test_a_grade_changed_meanwhile_is_not_approved(house: House, teacher: Viewer, record: Record) -> None:
    record("7")
    grade = record("8")
    with pytest.raises(InvalidInput, match="grade_changed"):
        approve(house.session, teacher, grade, version=1)
    assert pushes(house) == []


def test_the_latest_approval_wins(house: House, record: Record) -> None:
    record("7", approved=True)
    record("8", approved=True)
    (push,) = pushes(house)
    assert push.grade_version == 2


def test_a_student_approves_nothing(house: House, record: Record) -> None:
    with pytest.raises(NotAllowed):
        approve(house.session, viewer_of(house, "other_student"), record())


def test_nobody_approves_their_own_grade(house: House, record: Record) -> None:
    grade = record()
    promoted = viewer_of(house, "teacher")
    object.__setattr__(promoted, "person_id", house.student.id)
    with pytest.raises(NotAllowed, match="own_grade"):
        approve(house.session, promoted, grade)


def test_an_approval_is_audited_without_the_grade_itself(house: House, record: Record) -> None:
    grade = record("7.5", "Good", approved=True)
    entry = house.session.scalars(select(AuditEntry).where(AuditEntry.action == "grade.approved")).one()
    assert (entry.object_id, entry.course_id) == (str(grade.id), house.course.id)
    assert entry.details == {"version": 1, "changed": ["comment", "maximum", "points"]}


def test_a_placement_without_a_link_is_approved_but_has_no_column(
    house: House, teacher: Viewer, record: Record
) -> None:
    link = house.links[PlacementKind.ACTIVITY]
    link.placement_id = None
    house.session.flush()
    grade = record(approved=True)
    assert pushes(house) == []
    link.placement_id = grade.placement_id
    house.session.flush()
    resend(house.session, teacher, grade.id)
    assert [push.grade_version for push in pushes(house)] == [1]


def push_values(house: House, grade_id: int, version: int) -> dict[str, object]:
    return {
        "resource_link_id": house.links[PlacementKind.ACTIVITY].id,
        "person_id": house.student.id,
        "grade_id": grade_id,
        "grade_version": version,
        "next_try_at": now(),
        "give_up_at": now(),
    }


def test_the_table_refuses_a_push_that_nobody_approved(house: House, record: Record) -> None:
    grade = record()
    with pytest.raises(IntegrityError, match="fk_push_approval"):
        house.session.execute(insert(Push).values(push_values(house, grade.id, 1)))


def test_the_table_refuses_a_newer_version_than_was_approved(house: House, record: Record) -> None:
    record(approved=True)
    record("9")
    with pytest.raises(IntegrityError, match="fk_push_approval"):
        house.session.execute(update(Push).values(grade_version=2))


def test_the_table_refuses_another_persons_approval(house: House, record: Record) -> None:
    grade = record(approved=True)
    house.session.execute(delete(Push))
    values = push_values(house, grade.id, 1) | {"person_id": house.people["other_student"].id}
    with pytest.raises(IntegrityError):
        house.session.execute(insert(Push).values(values))


def test_the_table_refuses_the_column_of_another_placement(house: House, record: Record) -> None:
    grade = record(approved=True)
    values = push_values(house, grade.id, 1) | {"resource_link_id": house.links[PlacementKind.EXAM].id}
    with pytest.raises(DBAPIError, match="own placement"):
        house.session.execute(insert(Push).values(values))


def test_the_table_refuses_to_go_back(house: House, record: Record) -> None:
    record("7", approved=True)
    record("8", approved=True)
    with pytest.raises(DBAPIError, match="never goes back"):
        house.session.execute(update(Push).values(grade_version=1))


def approval_values(house: House, grade_id: int) -> dict[str, object]:
    return {
        "grade_id": grade_id,
        "grade_version": 1,
        "person_id": house.student.id,
        "points": "7.5",
        "maximum": "10",
        "comment": "Good",
        "changes": {},
        "approved_by_id": house.teacher.id,
        "approved_at": now(),
    }


@pytest.mark.parametrize(
    "change, why",
    [
        ({"approved_by_id": None}, "approved_by_id"),
        ({"approved_by_id": 0}, "fk_approval"),
        ({"points": "9"}, "as it stands"),
        ({"comment": "Bad"}, "as it stands"),
        ({"grade_version": 2}, "as it stands"),
    ],
)
def test_the_table_refuses_an_approval_that_is_none(
    house: House, record: Record, change: dict[str, object], why: str
) -> None:
    values = approval_values(house, record().id) | change
    with pytest.raises(DBAPIError, match=why):
        house.session.execute(insert(Approval).values(values))


def test_the_table_refuses_an_approval_by_the_graded_person(house: House, record: Record) -> None:
    values = approval_values(house, record().id) | {"approved_by_id": house.student.id}
    with pytest.raises(IntegrityError, match="not_own"):
        house.session.execute(insert(Approval).values(values))


@pytest.mark.parametrize(
    "statement", [update(Approval).values(comment=""), delete(Approval), text("TRUNCATE approval CASCADE")]
)
def test_an_approval_is_never_changed(house: House, record: Record, statement: object) -> None:
    record(approved=True)
    with pytest.raises(DBAPIError, match="append-only"):
        house.session.execute(statement)  # type: ignore[call-overload]  # one of three kinds


@pytest.mark.parametrize("statement", [update(PushAttempt).values(outcome=""), delete(PushAttempt)])
def test_the_history_of_pushes_is_never_changed(house: House, record: Record, statement: object) -> None:
    record(approved=True)
    (push,) = pushes(house)
    house.session.add(PushAttempt(push_id=push.id, grade_version=1, timestamp=now(), outcome="accepted"))
    house.session.flush()
    with pytest.raises(DBAPIError, match="append-only"):
        house.session.execute(statement)  # type: ignore[call-overload]  # one of two kinds
