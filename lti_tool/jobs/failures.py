"""Why jobs failed, and what a person does about those that gave up: the dead letters (R79, R214)."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import NotFound, ToolError
from lti_tool.jobs.models import JobFailure

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A job that gave up."""

    id: int
    task: str
    queue: str
    args: dict[str, Any]
    attempts: int
    failed_at: datetime | None
    reason: str


def record_failure(session: Session, job_id: int, attempt: int, reason: str) -> None:
    session.add(JobFailure(job_id=job_id, attempt=attempt, failed_at=now(), reason=reason))


def reason_of(error: BaseException) -> str:
    """What a page may show: our own message, else the kind of error and where, as its text may hold personal data."""
    if isinstance(error, ToolError):
        return f"{error.code}: {error.message}"
    return f"{type(error).__name__} in {_place(error)}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "unknown"


DEAD_LETTERS = text(
    """
    SELECT job.id, job.task_name AS task, job.queue_name AS queue, job.args, job.attempts,
           last.failed_at, coalesce(last.reason, 'no worker knows this task') AS reason
      FROM procrastinate_jobs job
      LEFT JOIN LATERAL (
           SELECT failed_at, reason FROM job_failure WHERE job_id = job.id ORDER BY id DESC LIMIT 1
      ) last ON true
     WHERE job.status = 'failed'
     ORDER BY job.id DESC
     LIMIT :limit
    """
)


def dead_letters(session: Session, *, limit: int = 200) -> Sequence[DeadLetter]:
    """The newest jobs that gave up."""
    return [DeadLetter(**row) for row in session.execute(DEAD_LETTERS, {"limit": limit}).mappings()]


def retry(session: Session, job_id: int) -> None:
    """Give a dead letter its tries again; raises NotFound."""
    _require(session, job_id, "UPDATE procrastinate_jobs SET attempts = 0 WHERE id = :id AND status = 'failed'")
    session.execute(text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)"), {"id": job_id})


def discard(session: Session, job_id: int) -> None:
    """Forget a dead letter; its row's own state stays as it is. Raises NotFound."""
    _require(session, job_id, "DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'failed'")
    session.execute(text("DELETE FROM job_failure WHERE job_id = :id"), {"id": job_id})


def _require(session: Session, job_id: int, change: str) -> None:
    if session.execute(text(f"{change} RETURNING id"), {"id": job_id}).scalar() is None:
        raise NotFound("job_unknown", "This job is not among those that gave up.")


def forget_settled(session: Session) -> None:
    """Delete the failed tries of jobs that are gone, because they succeeded in the end or were discarded."""
    session.execute(
        text(
            "DELETE FROM job_failure WHERE NOT EXISTS"
            " (SELECT 1 FROM procrastinate_jobs WHERE procrastinate_jobs.id = job_failure.job_id)"
        )
    )
