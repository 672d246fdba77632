"""Our tasks in procrastinate's words: the app a worker runs, what a failure leaves behind, when it is tried again."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy

from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.jobs.failures import reason_of, record_failure
from lti_tool.jobs.registry import TASKS, Retry, Task
from lti_tool.logs import request_id
from lti_tool.runtime import Runtime

log = logging.getLogger(__name__)

PERMANENT = (InvalidInput, NotAllowed, NotFound)
"""Errors that another try would only repeat."""


def queue_app(runtime: Runtime, running: set[int]) -> App:
    """All known tasks on the database of the runtime; `running` holds the jobs that run now in this process."""
    address = runtime.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=address))
    app.job_manager = _Manager(app.connector)
    for task in TASKS.values():
        _register(app, task, runtime, running)
    return app


def _register(app: App, task: Task, runtime: Runtime, running: set[int]) -> None:
    def run(context: JobContext, /, **args: Any) -> None:
        job_id = context.job.id
        assert job_id is not None
        running.add(job_id)
        request_id.set(f"job-{job_id}")
        began = time.monotonic()
        try:
            task(runtime, **args)
            log.info("job_done", extra={"task": task.name, "ms": round((time.monotonic() - began) * 1000)})
        except Exception as error:
            log.warning("job_failed", extra={"task": task.name, "reason": reason_of(error)})
            _note_failure(runtime, job_id, context.job.attempts + 1, error)
            raise
        finally:
            running.discard(job_id)

    app.task(name=task.name, queue=task.queue, pass_context=True, retry=_Strategy(task.retry))(run)


def _note_failure(runtime: Runtime, job_id: int, attempt: int, error: Exception) -> None:
    with transaction(runtime.engine) as session:
        record_failure(session, job_id, attempt, reason_of(error))


class _Strategy(BaseRetryStrategy):
    """Our Retry, asked after each failure."""

    def __init__(self, retry: Retry) -> None:
        self.retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        wait = None if isinstance(exception, PERMANENT) else self.retry.wait_after(job.attempts + 1)
        return None if wait is None else RetryDecision(retry_at=now() + timedelta(seconds=wait))


class _Manager(JobManager):
    """A job that cannot wait again, because a newer one of its queueing lock does, is done: the newer one acts."""

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        try:
            await super().retry_job(job, retry_at, priority, queue, lock)
        except UniqueViolation:
            await self.finish_job(job, Status.SUCCEEDED, delete_job=True)
