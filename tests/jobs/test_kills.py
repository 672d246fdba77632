"""Twenty workers killed at random moments under load: nothing lost, nothing done twice, order kept per lock."""

import multiprocessing
import random
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess

import pytest
from sqlalchemy import Engine, text

from lti_tool.db import transaction
from tests.fixtures.patience import PATIENCE
from tests.jobs.killable import TABLES, do_chore, run

CHORES = 400
STUDENTS = 12
KILLS = 20


class Workers:
    """Two worker processes; a killed one is replaced."""

    def __init__(self, url: str) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.jobs.killable"])
        self.url = url
        self.processes = [self._start(), self._start()]

    def _start(self) -> ForkServerProcess:
        process = self.context.Process(target=run, args=(self.url,))
        process.start()
        return process

    def kill_one(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].join()
        self.processes[number] = self._start()

    def stop(self) -> list[int | None]:
        """Ask both to end; their exit codes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(PATIENCE)
        return [process.exitcode for process in self.processes]


@pytest.fixture
def workers(committed_engine: Engine) -> Iterator[Workers]:
    with committed_engine.begin() as connection:
        connection.execute(text(TABLES))
    with transaction(committed_engine) as session:
        for chore in range(CHORES):
            session.execute(text("INSERT INTO chore VALUES (:c, :s)"), {"c": chore, "s": chore % STUDENTS})
            do_chore.enqueue(session, chore=chore, student=chore % STUDENTS)
    made = Workers(committed_engine.url.render_as_string(hide_password=False))
    yield made
    for process in made.processes:
        process.kill()


def test_twenty_killed_workers_lose_nothing_and_do_nothing_twice(workers: Workers, committed_engine: Engine) -> None:
    chance = random.Random(20)
    for kill in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.5))  # The moment of a kill is what this test varies; nothing waits for it.
        workers.kill_one(kill % 2)
    assert wait_until_empty(committed_engine)
    assert workers.stop() == [0, 0]
    with committed_engine.connect() as connection:
        assert connection.execute(text("SELECT times_done, count(*) FROM chore GROUP BY 1")).all() == [(1, CHORES)]
        # Or the kills hit nobody at work, and this proves nothing.
        assert connection.scalar(text("SELECT count(*) FROM chore_tried")) > CHORES
        done = connection.execute(text("SELECT student, chore FROM chore_done ORDER BY position")).all()
    assert all(own == sorted(own) for own in ([c for s, c in done if s == student] for student in range(STUDENTS)))


def wait_until_empty(engine: Engine) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0:
                return True
        time.sleep(0.1)
    return False
