"""Roster syncs: soon after a teacher first opens a course, every night for active courses, and when a teacher asks.

Launches do not wait for a roster and do not know of it: every minute we look for courses that never had a sync.
"""

from sqlalchemy.orm import Session

from lti_tool.accounts.roster.due import active_courses, new_courses
from lti_tool.accounts.roster.models import SyncStatus
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.activity import events
from lti_tool.db import transaction
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.runtime import Runtime


@task("course.sync_roster", retry=NEVER, lock="roster:{course_id}")
def sync_course(runtime: Runtime, *, course_id: int, asked_by_id: int | None = None) -> None:
    """Sync one course; a failure is on the course's page, and the night tries again."""
    status = sync_roster(runtime.engine, runtime.secrets, course_id)
    if status is SyncStatus.SUCCEEDED:
        with transaction(runtime.engine) as session:
            events.record(session, events.EventKind.ROSTER_SYNCED, course_id=course_id, person_id=asked_by_id)


@periodic("* * * * *")
@task("course.sync_new_rosters", retry=NEVER)
def sync_new(runtime: Runtime) -> None:
    """Queue the courses that a teacher has just opened for the first time."""
    with transaction(runtime.engine) as session:
        _queue(session, new_courses(session))


@periodic("0 2 * * *")
@task("course.sync_active_rosters", retry=NEVER)
def sync_active(runtime: Runtime) -> None:
    """Queue the courses that somebody opened lately."""
    with transaction(runtime.engine) as session:
        _queue(session, active_courses(session))


def ask_sync(session: Session, *, course_id: int, asked_by_id: int) -> None:
    """Queue a sync that a teacher asked for."""
    sync_course.enqueue(session, queueing_lock=f"roster:{course_id}", course_id=course_id, asked_by_id=asked_by_id)


def _queue(session: Session, course_ids: list[int]) -> None:
    for course_id in course_ids:
        sync_course.enqueue(session, queueing_lock=f"roster:{course_id}", course_id=course_id)
