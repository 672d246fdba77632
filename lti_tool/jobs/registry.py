"""Tasks: background functions that a rule can ask for in its own transaction.

    @task("gradebook.push", retry=Retry(attempts=10), lock="line_item:{line_item_id}")
    def push(runtime: Runtime, *, line_item_id: int) -> None: ...

    push.enqueue(session, line_item_id=7)

The job is inserted by the queue's own SQL function in the caller's transaction: it exists if and only if what it
speaks of was committed. A job may run twice (a killed worker), so a task looks at its row before it acts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.jobs.queue import NewJob, insert
from lti_tool.runtime import Runtime

TaskFunction = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often a failed job is tried in all, and how long it waits before each next time."""

    attempts: int = 8
    first_wait: float = 5
    factor: float = 3
    longest_wait: float = 3600

    def wait_after(self, failures: int) -> float | None:
        """Seconds until the next try after so many failures; None when there is none."""
        if failures >= self.attempts:
            return None
        return float(min(self.longest_wait, self.first_wait * self.factor ** max(0, failures - 1)))


NEVER = Retry(attempts=1)
"""A failed job goes to the dead letters at once."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A named background function. Calling it runs it here and now, as tests and `run now` commands do."""

    name: str
    function: TaskFunction
    queue: str
    retry: Retry
    lock: str | None

    def __call__(self, runtime: Runtime, **args: Any) -> None:
        self.function(runtime, **args)

    def enqueue(
        self,
        session: Session,
        *,
        lock: str | None = None,
        queueing_lock: str | None = None,
        run_at: datetime | None = None,
        priority: int = 0,
        **args: Any,
    ) -> int:
        """Queue a job in the caller's transaction; its id.

        Jobs of one `lock` run one at a time and in order. Of one `queueing_lock` only one waits: the waiting job's id
        is returned, and it will not start before this transaction ends.
        """
        wanted = lock if lock is not None else self.lock
        job = NewJob(
            queue=self.queue,
            task=self.name,
            lock=wanted.format(**args) if wanted else None,
            queueing_lock=queueing_lock,
            args=args,
            run_at=run_at,
            priority=priority,
        )
        return insert(session, job)


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """When a task runs by itself unless an administrator says otherwise (R215)."""

    task: Task
    cron: str


TASKS: dict[str, Task] = {}
PERIODIC: dict[str, Periodic] = {}


def task(
    name: str, *, retry: Retry | None = None, lock: str | None = None, queue: str = "default"
) -> Callable[[TaskFunction], Task]:
    """Make a function a task; `lock` may name arguments: `"course:{course_id}"`."""

    def register(function: TaskFunction) -> Task:
        if name in TASKS:
            raise ValueError(f"two tasks are named {name}")
        made = Task(name=name, function=function, queue=queue, retry=retry or Retry(), lock=lock)
        TASKS[name] = made
        return made

    return register


def periodic(cron: str) -> Callable[[Task], Task]:
    """Run a task without arguments by the clock, in UTC: `@periodic("0 2 * * *")` above `@task(...)`."""

    def register(made: Task) -> Task:
        PERIODIC[made.name] = Periodic(task=made, cron=cron)
        return made

    return register
