"""Which courses are synced by themselves, and when."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from lti_tool.accounts.models import Membership, Role
from lti_tool.accounts.roster.models import RosterSync, SyncStatus
from lti_tool.activity.models import Event, EventKind
from lti_tool.course.tasks import sync_active, sync_course, sync_new
from lti_tool.db import now
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.services import FakeServices
from tests.fixtures.people import House


@pytest.fixture(autouse=True)
def opened(connected: House) -> House:
    """A teacher has opened the first course today."""
    connected.course.last_launch_at = now()
    connected.session.flush()
    return connected


def queued(house: House) -> list[int]:
    jobs = text("SELECT args ->> 'course_id' FROM procrastinate_jobs WHERE task_name = 'course.sync_roster'")
    return [int(course_id) for course_id in house.session.scalars(jobs)]


def test_a_course_a_teacher_opened_is_synced_soon(connected: House, runtime: Runtime) -> None:
    sync_new(runtime)
    assert queued(connected) == [connected.course.id]


def test_a_course_that_had_a_sync_waits_for_the_night(connected: House, runtime: Runtime) -> None:
    connected.session.add(RosterSync(course_id=connected.course.id, status=SyncStatus.FAILED))
    connected.session.flush()
    sync_new(runtime)
    assert queued(connected) == []
    sync_active(runtime)
    assert queued(connected) == [connected.course.id]


def test_a_course_only_students_opened_is_not_synced_yet(connected: House, runtime: Runtime) -> None:
    connected.session.execute(delete(Membership).where(Membership.launch_role != Role.STUDENT))
    sync_new(runtime)
    assert queued(connected) == []


def test_a_sleeping_course_is_not_synced_at_night(connected: House, runtime: Runtime) -> None:
    connected.course.last_launch_at = now() - timedelta(days=15)
    connected.session.flush()
    sync_active(runtime)
    assert queued(connected) == []


def test_while_it_is_switched_off_nothing_is_queued(connected: House, runtime: Runtime) -> None:
    write(connected.session, ENABLED, False)
    sync_new(runtime)
    sync_active(runtime)
    assert queued(connected) == []


def test_a_course_whose_platform_has_no_roster_is_left(connected: House, runtime: Runtime) -> None:
    connected.course.memberships_url = None
    connected.session.flush()
    sync_new(runtime)
    sync_active(runtime)
    assert queued(connected) == []


def test_a_sync_is_an_event(connected: House, runtime: Runtime, moodle: FakeServices) -> None:
    moodle.members = [{"user_id": person.sub, "roles": ["Learner"]} for person in connected.people.values()]
    sync_course(runtime, course_id=connected.course.id, asked_by_id=connected.teacher.id)
    kinds = connected.session.scalars(select(Event.kind).where(Event.course_id == connected.course.id)).all()
    assert kinds == [EventKind.ROSTER_SYNCED]
