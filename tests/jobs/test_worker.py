"""A worker in this process: it runs what is queued, tries again, gives up, and ends when told."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.jobs import failures, schedule
from lti_tool.jobs.failures import DeadLetter
from lti_tool.jobs.models import ScheduledTask
from lti_tool.jobs.registry import NEVER, Task, task
from lti_tool.jobs.worker import WorkerProcess
from lti_tool.runtime import Runtime
from tests.fixtures.patience import PATIENCE
from tests.jobs.killable import QUICK, worker_runtime
from tests.jobs.tasks_for_tests import greet, leak, refuse, stumble

SEEN: list[int] = []


@task("tests.see", retry=NEVER)
def see(runtime: Runtime, *, number: int) -> None:
    SEEN.append(number)


@dataclass
class Shift:
    """A worker in a thread, until a condition holds."""

    engine: Engine
    runs: list[WorkerProcess] = field(default_factory=list)

    def until(self, reached: Callable[[Session], bool]) -> None:
        process = WorkerProcess(runtime=worker_runtime(self.engine), options=QUICK)
        thread = threading.Thread(target=process.serve)
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while not self._holds(reached) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.stop_soon()
        thread.join(PATIENCE)
        assert self._holds(reached) and not thread.is_alive()

    def _holds(self, reached: Callable[[Session], bool]) -> bool:
        with Session(self.engine) as session:
            return reached(session)


@pytest.fixture
def shift(committed_engine: Engine) -> Shift:
    """Nothing runs by the clock: whenever a minute ends its jobs would be counted with those of the test."""
    with transaction(committed_engine) as session:
        schedule.store_defaults(session)
        session.execute(update(ScheduledTask).values(is_enabled=False))
    return Shift(committed_engine)


def count(status: str) -> Callable[[Session], int]:
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE status = CAST(:s AS procrastinate_job_status)")
    return lambda session: session.execute(query, {"s": status}).scalar_one()


def gave_up(shift: Shift, unlucky: Task) -> DeadLetter:
    with transaction(shift.engine) as session:
        unlucky.enqueue(session)
    shift.until(lambda session: count("failed")(session) == 1)
    with Session(shift.engine) as session:
        return failures.dead_letters(session)[0]


def test_queued_jobs_run_and_are_forgotten(shift: Shift) -> None:
    with transaction(shift.engine) as session:
        for number in range(5):
            see.enqueue(session, number=number)
    shift.until(lambda session: count("todo")(session) + count("doing")(session) + count("succeeded")(session) == 0)
    assert sorted(SEEN) == [0, 1, 2, 3, 4]


def test_a_failing_job_is_tried_as_often_as_its_task_says(shift: Shift) -> None:
    letter = gave_up(shift, stumble)
    assert (letter.attempts, letter.reason.partition(":")[0]) == (2, "platform_silent")


def test_what_another_try_would_only_repeat_is_not_tried_again(shift: Shift) -> None:
    letter = gave_up(shift, refuse)
    assert (letter.attempts, letter.reason) == (1, "file_broken: The file cannot be read.")


def test_the_reason_names_the_place_and_never_the_words_of_a_foreign_error(shift: Shift) -> None:
    letter = gave_up(shift, leak)
    assert letter.reason.startswith("ValueError in ") and "anary" not in letter.reason


def test_a_job_of_a_dead_worker_is_done_by_the_next(shift: Shift) -> None:
    with transaction(shift.engine) as session:
        greet.enqueue(session, course_id=4)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))
    shift.until(lambda session: session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 0)


def test_a_job_that_always_kills_its_worker_gives_up(shift: Shift) -> None:
    with transaction(shift.engine) as session:
        see.enqueue(session, number=99)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL"))
    shift.until(lambda session: count("failed")(session) == 1)
    assert 99 not in SEEN


def test_a_job_of_a_living_worker_is_left_alone(shift: Shift) -> None:
    with transaction(shift.engine) as session:
        greet.enqueue(session, course_id=4)
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"))
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = 1"))
        greet.enqueue(session, lock="another", course_id=5)
    shift.until(lambda session: session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar_one() == 1)
    with Session(shift.engine) as session:
        assert count("doing")(session) == 1


def test_a_worker_that_is_told_to_end_while_it_starts_ends(committed_engine: Engine) -> None:
    process = WorkerProcess(runtime=worker_runtime(committed_engine), options=QUICK)
    process.stop()
    thread = threading.Thread(target=asyncio.run, args=(process._work(),), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()
