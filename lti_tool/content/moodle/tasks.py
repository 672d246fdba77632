"""Reading courses in the background: when a teacher asks, and by night what is older than a day (R46, R209)."""

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.moodle_courses import find_moodle_course
from lti_tool.content.importing import Actor
from lti_tool.content.moodle.models import MoodleReading, ReadingState
from lti_tool.content.moodle.sync import read_course
from lti_tool.db import now, transaction
from lti_tool.jobs.registry import periodic, task
from lti_tool.runtime import Runtime
from lti_tool.site_settings.switches import Feature, is_on

A_DAY = timedelta(hours=23)
"""An hour less, for last night's reading ended a little after it began."""
A_WEEK = timedelta(days=7)
"""Moodle does not say that a glossary entry, a wiki page or a lesson page was deleted: once a week all are read."""


@task("moodle.read_course", lock="moodle.read_course:{course_id}")
def read_from_moodle(
    runtime: Runtime, *, course_id: int, is_full: bool, person_id: int | None = None, role: str | None = None
) -> None:
    """Read one course; how it went stands in its row."""
    read_course(runtime, course_id, Actor(person_id=person_id, role=role), is_full=is_full)


@periodic("0 2 * * *")
@task("moodle.nightly")
def nightly(runtime: Runtime) -> None:
    """Ask for every course that was read before, longer than a day ago."""
    with transaction(runtime.engine) as session:
        is_old = or_(MoodleReading.finished_at.is_(None), MoodleReading.finished_at < now() - A_DAY)
        for row in session.scalars(select(MoodleReading).where(is_old).order_by(MoodleReading.course_id)):
            may_call = is_on(session, Feature.MOODLE_WEB_SERVICES, row.course_id)
            if may_call and find_moodle_course(session, runtime.secrets, row.course_id) is not None:
                was_full_at = row.read_in_full_at
                is_full = was_full_at is None or was_full_at < now() - A_WEEK
                ask_for_reading(session, row.course_id, Actor(), is_full=is_full)


def ask_for_reading(session: Session, course_id: int, actor: Actor, *, is_full: bool) -> None:
    """Queue a reading in the caller's transaction; one that waits already is enough."""
    row = session.get(MoodleReading, course_id) or MoodleReading(course_id=course_id)
    if row.state != ReadingState.DOING:
        row.state, row.reason, row.done, row.total = ReadingState.TODO, "", 0, 0
    session.add(row)
    session.flush()
    read_from_moodle.enqueue(
        session,
        queueing_lock=f"moodle.read_course:{course_id}",
        course_id=course_id,
        is_full=is_full,
        person_id=actor.person_id,
        role=actor.role,
    )
