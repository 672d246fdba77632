"""A roster sync: everybody or nothing, roles beside the launch's, absence is not deletion, a halved course is asked."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Membership, MembershipStatus, Person, Role
from lti_tool.accounts.roster.decisions import decide_hold, find_hold, find_last_sync
from lti_tool.accounts.roster.models import RosterSync, SyncStatus
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.runtime import Runtime
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.services import Canned, FakeServices
from tests.fixtures.people import House, bind_launch
from tests.fixtures.services import viewer_of


def entry(sub: str, role: str = "Learner", **values: Any) -> dict[str, Any]:
    return {"user_id": sub, "status": "Active", "roles": [role]} | values


@pytest.fixture(autouse=True)
def roster(connected: House, moodle: FakeServices) -> list[dict[str, Any]]:
    """Everybody of the first course, as the platform would tell it."""
    moodle.members = [
        entry(person.sub, "Instructor" if name == "teacher" else "Learner")
        for name, person in connected.people.items()
        if name not in {"outsider", "administrator"}
    ]
    administrator = membership(connected, connected.people["administrator"].sub)
    administrator.roster_role = None
    connected.session.flush()
    return moodle.members


def sync(house: House, runtime: Runtime) -> SyncStatus | None:
    house.session.flush()
    status = sync_roster(runtime.engine, runtime.secrets, house.course.id)
    house.session.expire_all()
    return status


def membership(house: House, sub: str) -> Membership:
    return house.session.scalars(
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.course_id == house.course.id, Person.sub == sub)
    ).one()


def test_somebody_new_becomes_a_member(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members.append(entry("77", name="Nova Canary", lis_person_sourcedid="000000000077"))
    assert sync(connected, runtime) is SyncStatus.SUCCEEDED
    found = membership(connected, "77")
    assert (found.person.name, found.person.idnumber) == ("Nova Canary", "000000000077")
    assert (found.roster_role, found.launch_role, found.status) == (Role.STUDENT, None, MembershipStatus.ACTIVE)


def test_who_left_is_inactive_and_still_there(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members = [one for one in moodle.members if one["user_id"] != connected.student.sub]
    sync(connected, runtime)
    assert membership(connected, connected.student.sub).status == MembershipStatus.INACTIVE


def test_who_comes_back_is_active_again(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    everybody = moodle.members
    moodle.members = everybody[:-1]
    sync(connected, runtime)
    moodle.members = everybody
    sync(connected, runtime)
    assert membership(connected, everybody[-1]["user_id"]).status == MembershipStatus.ACTIVE


def test_the_roster_does_not_touch_the_role_of_the_launch(connected: House, runtime: Runtime) -> None:
    assistant = connected.people["non_editing_teacher"].sub
    sync(connected, runtime)
    found = membership(connected, assistant)
    assert (found.launch_role, found.roster_role) == (Role.NON_EDITING_TEACHER, Role.STUDENT)


def test_an_assistant_who_came_before_the_roster_stops_being_a_teacher_in_the_open_launch(
    connected: House, runtime: Runtime
) -> None:
    assistant = membership(connected, connected.people["non_editing_teacher"].sub)
    assistant.launch_role, assistant.roster_role = Role.TEACHER, None
    early = bind_launch(connected, "non_editing_teacher", None, "a browser", role=Role.TEACHER)
    own = bind_launch(connected, "teacher", None, "another browser")
    sync(connected, runtime)
    assert (assistant.launch_role, early.role) == (Role.NON_EDITING_TEACHER, Role.NON_EDITING_TEACHER)
    assert own.role == Role.TEACHER


def test_an_administrator_who_is_not_enrolled_is_left_alone(connected: House, runtime: Runtime) -> None:
    sync(connected, runtime)
    found = membership(connected, connected.people["administrator"].sub)
    assert found.status == MembershipStatus.ACTIVE


def test_what_is_not_shared_does_not_erase_what_was(connected: House, runtime: Runtime) -> None:
    sync(connected, runtime)
    assert membership(connected, connected.student.sub).person.name == "Student Canary"


def test_a_new_name_is_taken(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members.append(entry(connected.student.sub, name="Married Canary"))
    sync(connected, runtime)
    assert membership(connected, connected.student.sub).person.name == "Married Canary"


def test_another_course_is_not_touched(connected: House, runtime: Runtime) -> None:
    sync(connected, runtime)
    outsider = select(Membership).where(Membership.course_id == connected.other_course.id)
    assert [one.status for one in connected.session.scalars(outsider)] == [MembershipStatus.ACTIVE]


def test_a_sync_says_what_it_did(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members = [*moodle.members[1:], entry("77")]
    sync(connected, runtime)
    last = find_last_sync(connected.session, viewer_of(connected, "teacher"))
    assert last is not None
    assert (last.known_count, last.fetched_count, last.added_count, last.left_count) == (4, 4, 1, 1)
    assert connected.course.roster_synced_at is not None


def test_the_same_roster_again_changes_nothing(connected: House, runtime: Runtime) -> None:
    sync(connected, runtime)
    sync(connected, runtime)
    last = connected.session.scalars(select(RosterSync).order_by(RosterSync.id.desc())).first()
    assert last is not None and (last.added_count, last.left_count) == (0, 0)


@pytest.mark.parametrize("answer", [Canned(503), Canned(200, "{}"), Canned(200, '{"members": ['), Canned(403)])
def test_a_failed_fetch_changes_nothing(
    connected: House, runtime: Runtime, moodle: FakeServices, answer: Canned
) -> None:
    moodle.answer_next("GET", "memberships", answer)
    assert sync(connected, runtime) is SyncStatus.FAILED
    assert membership(connected, connected.student.sub).status == MembershipStatus.ACTIVE


def test_a_failure_on_a_later_page_changes_nothing(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    link = {"Link": f'<{moodle.memberships_url}?from=2>; rel="next"'}
    moodle.answer_next("GET", "memberships", Canned(200, '{"members": []}', link), Canned(502))
    assert sync(connected, runtime) is SyncStatus.FAILED
    assert membership(connected, connected.student.sub).status == MembershipStatus.ACTIVE


def test_no_fetch_goes_out_while_it_is_switched_off(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    write(connected.session, SWITCHES[Feature.ROSTER_SYNC], False)
    assert sync(connected, runtime) is SyncStatus.FAILED
    assert not moodle.requests


def test_a_course_without_a_roster_service_is_left(connected: House, runtime: Runtime) -> None:
    connected.course.memberships_url = None
    assert sync(connected, runtime) is None


def shrink(house: House, runtime: Runtime, moodle: FakeServices, left: int = 1) -> None:
    sync(house, runtime)
    moodle.members = moodle.members[:left]
    assert sync(house, runtime) is SyncStatus.HELD


def test_a_halved_course_is_held_and_asked(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    hold = find_hold(connected.session, viewer_of(connected, "teacher"))
    assert hold is not None and (hold.known_count, hold.fetched_count) == (4, 1)
    assert membership(connected, connected.student.sub).status == MembershipStatus.ACTIVE


def test_just_half_is_no_question(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    sync(connected, runtime)
    moodle.members = moodle.members[:2]
    assert sync(connected, runtime) is SyncStatus.SUCCEEDED


def test_an_empty_roster_is_asked_about(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle, left=0)
    assert membership(connected, connected.student.sub).status == MembershipStatus.ACTIVE


def test_a_question_is_asked_once(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    assert sync(connected, runtime) is SyncStatus.HELD
    held = select(RosterSync).where(RosterSync.status == SyncStatus.HELD)
    assert len(connected.session.scalars(held).all()) == 1


def test_with_a_teachers_yes_the_next_sync_shrinks(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    decide_hold(connected.session, viewer_of(connected, "teacher"), is_right=True)
    assert sync(connected, runtime) is SyncStatus.SUCCEEDED
    gone = [person.sub for name, person in connected.people.items() if name in {"student", "other_student"}]
    assert {membership(connected, sub).status for sub in gone} == {MembershipStatus.INACTIVE}


def test_a_yes_does_not_cover_a_smaller_roster(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    decide_hold(connected.session, viewer_of(connected, "teacher"), is_right=True)
    moodle.members = []
    assert sync(connected, runtime) is SyncStatus.HELD


def test_with_a_teachers_no_everybody_stays(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    decide_hold(connected.session, viewer_of(connected, "teacher"), is_right=False)
    assert sync(connected, runtime) is SyncStatus.HELD
    assert membership(connected, connected.student.sub).status == MembershipStatus.ACTIVE


def test_a_full_roster_answers_the_question(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    everybody = moodle.members
    shrink(connected, runtime, moodle)
    moodle.members = everybody
    assert sync(connected, runtime) is SyncStatus.SUCCEEDED
    assert find_hold(connected.session, viewer_of(connected, "teacher")) is None


def test_only_who_manages_the_course_decides(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    shrink(connected, runtime, moodle)
    with pytest.raises(NotAllowed):
        decide_hold(connected.session, viewer_of(connected, "student"), is_right=True)
    with pytest.raises(NotFound):
        decide_hold(connected.session, viewer_of(connected, "outsider"), is_right=True)
