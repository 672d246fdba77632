"""Jobs whose worker died (kill -9, a lost machine): they go back to the queue, or to the dead letters after the last
try, because a job that kills its worker must not do so for ever.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.jobs.failures import record_failure
from lti_tool.jobs.registry import TASKS, Retry

# A worker never judges itself: after the machine slept, its own heartbeat looks old to it.
STALLED = text(
    """
    SELECT job.id, job.task_name, job.attempts
      FROM procrastinate_jobs job
      LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
     WHERE job.status = 'doing' AND job.worker_id IS DISTINCT FROM :own AND job.id <> ALL(:busy)
       AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :silence))
       FOR UPDATE OF job SKIP LOCKED
    """
)
OWN = text("SELECT id, task_name, attempts FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = :own")
AGAIN = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")
FINISH = text("SELECT procrastinate_finish_job_v1(:id, CAST(:status AS procrastinate_job_status), :delete)")


def recover_stalled(
    session: Session, *, own_worker: int | None, busy: Collection[int] = (), silence: float
) -> list[int]:
    """Take jobs away from workers that have been silent for so many seconds; the ids of the jobs."""
    stalled = session.execute(STALLED, {"own": own_worker, "busy": list(busy), "silence": silence}).mappings().all()
    for job in stalled:
        _recover(session, job)
    return [job["id"] for job in stalled]


def own_jobs(session: Session, own_worker: int) -> set[int]:
    """What the queue believes this worker is doing."""
    return set(session.execute(OWN, {"own": own_worker}).scalars())


def recover_dropped(session: Session, *, own_worker: int, dropped: Collection[int]) -> None:
    """Put back jobs that this worker has finished without the queue hearing of it (the database was away)."""
    for job in session.execute(OWN, {"own": own_worker}).mappings().all():
        if job["id"] in dropped:
            _recover(session, job)


def _recover(session: Session, job: RowMapping) -> None:
    name = TASKS.get(job["task_name"])
    tries = job["attempts"] + 1
    if (name.retry if name else Retry()).wait_after(tries) is None:
        record_failure(session, job["id"], tries, "worker_died: the worker stopped during this job")
        _finish(session, job["id"], status="failed", delete=False)
        return
    try:
        with session.begin_nested():
            session.execute(AGAIN, {"id": job["id"]})
    except IntegrityError:
        # A newer job of the same queueing lock waits: it does this one's work.
        _finish(session, job["id"], status="succeeded", delete=True)


def _finish(session: Session, job_id: int, **end: Any) -> None:
    session.execute(FINISH, {"id": job_id, **end})
