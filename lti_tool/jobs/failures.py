"""Why jobs failed, and what a person does about those that gave up: the dead letters (R79, R214)."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

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


JOBS = table("procrastinate_jobs", *map(column, ("id", "task_name", "status", "attempts", "scheduled_at")))
ARGS: ColumnElement[Any] = literal_column("procrastinate_jobs.args", JSONB)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A job that failed: it gave up, or is tried again."""

    id: int
    task: str
    args: dict[str, Any]
    attempts: int
    is_given_up: bool
    next_try_at: datetime | None
    failed_at: datetime | None
    reason: str


def troubles(session: Session, subjects: Mapping[str, Select[Any]], *, limit: int = 200) -> Sequence[Trouble]:
    """The jobs that failed at least once and are not through, those that gave up first.

    `subjects`: for each argument that a job may have, the ids that it may be about.
    """
    has_failed = or_(JOBS.c.status == "failed", and_(JOBS.c.status == "todo", JOBS.c.attempts > 0))
    is_about = [ARGS[name].astext.in_(_as_text(ids)) for name, ids in subjects.items()]
    tries = aliased(JobFailure)
    last = select(func.max(tries.id)).where(tries.job_id == JOBS.c.id).scalar_subquery()
    found = session.execute(
        select(JOBS, ARGS.label("args"), JobFailure.failed_at, JobFailure.reason)
        .outerjoin(JobFailure, JobFailure.id == last)
        .where(has_failed, or_(*is_about))
        .order_by(JOBS.c.status == "todo", JOBS.c.id.desc())
        .limit(limit)
    )
    return [
        Trouble(
            id=row.id,
            task=row.task_name,
            args=row.args,
            attempts=row.attempts,
            is_given_up=row.status == "failed",
            next_try_at=row.scheduled_at,
            failed_at=row.failed_at,
            reason=row.reason or "",
        )
        for row in found
    ]


def _as_text(ids: Select[Any]) -> Select[Any]:
    (wanted,) = ids.selected_columns
    return ids.with_only_columns(cast(wanted, String))


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
