"""The queue's SQL, for a session of ours: procrastinate's own function inserts the job in the caller's transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """A job to be queued."""

    queue: str
    task: str
    lock: str | None
    queueing_lock: str | None
    args: dict[str, Any]
    run_at: datetime | None
    priority: int


INSERT = text(
    """
    SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
        :queue, :task, :priority, :lock, :queueing_lock, CAST(:args AS jsonb), CAST(:run_at AS timestamptz)
    )]::procrastinate_job_to_defer_v1[]))
    """
)

# FOR SHARE: a worker skips a locked row, so the waiting job cannot start before the caller's rows are visible to it.
WAITING = text("SELECT id FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo' FOR SHARE")


def insert(session: Session, job: NewJob) -> int:
    """Insert the job, or find the one that waits under its queueing lock; its id."""
    if job.queueing_lock is None:
        return _insert(session, job)
    while True:
        waiting = session.execute(WAITING, {"lock": job.queueing_lock}).scalar()
        if waiting is not None:
            return int(waiting)
        try:
            with session.begin_nested():
                return _insert(session, job)
        except IntegrityError:
            # Somebody else queued it since we looked.
            continue


def _insert(session: Session, job: NewJob) -> int:
    values = {
        "queue": job.queue,
        "task": job.task,
        "priority": job.priority,
        "lock": job.lock,
        "queueing_lock": job.queueing_lock,
        "args": json.dumps(job.args),
        "run_at": job.run_at,
    }
    return int(session.execute(INSERT, values).scalar_one())
