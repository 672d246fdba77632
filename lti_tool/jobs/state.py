"""How the queues stand: for the jobs page, the doctor, the readiness check and the metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

QUEUES = text(
    """
    SELECT job.queue_name AS queue,
           count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS waiting,
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
           count(*) FILTER (WHERE status = 'doing') AS doing,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, queued.at))
               FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))), 0)::int
               AS oldest_seconds
      FROM procrastinate_jobs job
      LEFT JOIN LATERAL (
           SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
      ) queued ON job.status = 'todo'
     GROUP BY job.queue_name
     ORDER BY job.queue_name
    """
)


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """Counts of one queue, and how long its oldest job that could run has waited."""

    queue: str
    waiting: int
    later: int
    doing: int
    failed: int
    oldest_seconds: int


def queue_states(session: Session) -> Sequence[QueueState]:
    """One row a queue that holds jobs."""
    return [QueueState(**row) for row in session.execute(QUEUES).mappings()]


def last_heartbeat(session: Session) -> datetime | None:
    """When a worker last said that it lives; None where none is registered."""
    found: datetime | None = session.scalar(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))
    return found
