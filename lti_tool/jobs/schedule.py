"""Tasks that run by the clock (R209-R215): kept in the table, so that an administrator can run, move or stop one.

Any number of workers may look; a row's lock lets one of them queue it. What was due while no worker ran is queued
once, not once a missed time.
"""

from collections.abc import Sequence
from datetime import datetime

from croniter import croniter
from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.jobs.models import ScheduledTask
from lti_tool.jobs.registry import PERIODIC, Periodic


def next_time(cron: str, after: datetime) -> datetime:
    """The first time of a cron line after a moment, in UTC."""
    found: datetime = croniter(cron, after).get_next(datetime)
    return found


def store_defaults(session: Session) -> None:
    """Bring the table up to what the code schedules, keeping what administrators changed."""
    for name, entry in PERIODIC.items():
        new = insert(ScheduledTask).values(task=name, default_cron=entry.cron, next_run_at=next_time(entry.cron, now()))
        session.execute(
            new.on_conflict_do_update(
                index_elements=[ScheduledTask.task],
                set_={"default_cron": new.excluded.default_cron, "next_run_at": new.excluded.next_run_at},
                where=and_(ScheduledTask.default_cron != new.excluded.default_cron, ScheduledTask.own_cron.is_(None)),
            )
        )
    session.execute(delete(ScheduledTask).where(ScheduledTask.task.not_in(PERIODIC)))


def queue_due(session: Session) -> list[str]:
    """Queue what is due or was asked for, and set the next time; the names of the queued tasks."""
    due = select(ScheduledTask).where(_is_due()).with_for_update(skip_locked=True)
    queued = []
    for row in session.scalars(due):
        entry = PERIODIC.get(row.task)
        if entry:
            _queue(session, row, entry)
            queued.append(row.task)
    return queued


def _is_due() -> ColumnElement[bool]:
    by_clock = and_(ScheduledTask.is_enabled, ScheduledTask.next_run_at <= now())
    return or_(ScheduledTask.is_wanted_now, by_clock)


def _queue(session: Session, row: ScheduledTask, entry: Periodic) -> None:
    entry.task.enqueue(session, queueing_lock=f"periodic:{row.task}")
    row.last_queued_at = now()
    row.next_run_at = next_time(row.cron, now())
    row.is_wanted_now = False


def scheduled_tasks(session: Session) -> Sequence[ScheduledTask]:
    """All of them, by name."""
    return session.scalars(select(ScheduledTask).order_by(ScheduledTask.task)).all()


def get_scheduled(session: Session, task: str) -> ScheduledTask:
    """The row of a task; raises NotFound."""
    found = session.get(ScheduledTask, task)
    if found is None:
        raise NotFound("task_unknown", "There is no such task.")
    return found


def run_soon(row: ScheduledTask) -> None:
    """Have a worker queue it at its next look, whatever the clock says and even if it is switched off."""
    row.is_wanted_now = True


def reschedule(row: ScheduledTask, cron: str) -> None:
    """Set an own time, or the default again with an empty line; raises InvalidInput."""
    line = " ".join(cron.split())
    if line and (len(line.split(" ")) != 5 or not croniter.is_valid(line)):
        raise InvalidInput("cron_malformed", "Write five fields: minute, hour, day, month, weekday.")
    row.own_cron = line or None
    row.next_run_at = next_time(row.cron, now())


def set_enabled(row: ScheduledTask, enabled: bool) -> None:
    row.is_enabled = enabled
    row.next_run_at = next_time(row.cron, now())
