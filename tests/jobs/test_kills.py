"""Twenty workers killed in the middle of their work: nothing lost, nothing done twice, order kept per lock."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing.context import ForkServerProcess

import pytest
from sqlalchemy import Connection, Engine, text

from lti_tool.db import transaction
from tests.fixtures.patience import PATIENCE
from tests.jobs.killable import TABLES, do_chore, run

STUDENTS = 12
KILLS = 20
CHORES_A_KILL = 20
CHORES = KILLS * CHORES_A_KILL
TRIED = "SELECT count(*) FROM chore_tried"


class Workers:
    """Two worker processes; a killed one is replaced."""

    def __init__(self, engine: Engine) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.jobs.killable"])
        self.engine = engine
        self.url = engine.url.render_as_string(hide_password=False)
        self.since = self._now()
        self.processes = [self._start(), self._start()]

    def _now(self) -> datetime:
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one()

    def _start(self) -> ForkServerProcess:
        process = self.context.Process(target=run, args=(self.url,))
        process.start()
        return process

    def kill_one(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].join()
        self.since = self._now()
        self.processes[number] = self._start()

    def both_work(self) -> bool:
        """Both are past their start: what is killed or asked to end before is no worker yet."""
        beating = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > :since")
        return happens(self.engine, lambda db: db.scalar(beating, {"since": self.since}) == len(self.processes))

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
    made = Workers(committed_engine)
    yield made
    for process in made.processes:
        process.kill()


def give_chores(engine: Engine, chores: range) -> None:
    with transaction(engine) as session:
        for chore in chores:
            session.execute(text("INSERT INTO chore VALUES (:c, :s)"), {"c": chore, "s": chore % STUDENTS})
            do_chore.enqueue(session, chore=chore, student=chore % STUDENTS)


def test_twenty_killed_workers_lose_nothing_and_do_nothing_twice(workers: Workers, committed_engine: Engine) -> None:
    chance = random.Random(20)
    for kill in range(KILLS):
        assert workers.both_work()
        with committed_engine.connect() as connection:
            begun = connection.execute(text(TRIED)).scalar_one()
        give_chores(committed_engine, range(kill * CHORES_A_KILL, (kill + 1) * CHORES_A_KILL))
        # The moment of a kill is what this test varies: after so many chores, however fast they are done.
        assert were_tried(committed_engine, begun + chance.randrange(CHORES_A_KILL))
        workers.kill_one(kill % 2)
    assert happens(committed_engine, lambda db: db.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0)
    assert workers.both_work()
    assert workers.stop() == [0, 0]
    with committed_engine.connect() as connection:
        assert connection.execute(text("SELECT times_done, count(*) FROM chore GROUP BY 1")).all() == [(1, CHORES)]
        # Or the kills hit nobody at work, and this proves nothing.
        assert connection.scalar(text(TRIED)) > CHORES
        done = connection.execute(text("SELECT student, chore FROM chore_done ORDER BY position")).all()
    assert all(own == sorted(own) for own in ([c for s, c in done if s == student] for student in range(STUDENTS)))


def were_tried(engine: Engine, times: int) -> bool:
    return happens(engine, lambda db: db.scalar(text(TRIED)) >= times)


def happens(engine: Engine, is_so: Callable[[Connection], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if is_so(connection):
                return True
        time.sleep(0.1)
    return False
