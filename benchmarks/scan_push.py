"""A pile of 120 confirmed papers, marked and marked again, into a platform that fails at random (scans.md 4.7).

    python -m benchmarks.scan_push [--papers 120] [--chance 0.05 0.2] [--ways grades papers]

Each call fails with the given chance, half of the time after it had its effect. Two workers send, and both are killed
again and again. Each paper is graded three times, the later grades while the earlier ones are under way. Nothing may
be lost (the platform holds something else than the last approved grade, or we say so while it does not), doubled (one
approval arrives twice) or out of order. Beside it a plain loop that repeats whatever seems to have failed.

The papers themselves then go into assignments of a Moodle that fails in the same way (scan_push_moodle.py).

Waiting is made short: when no worker lives, leases end and what waits is due. Ends with 1 where anything is wrong.
"""

import argparse
import io
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, text

from benchmarks.failing_platform import Seen, serve
from benchmarks.grade_push import plain_score
from benchmarks.scan_push_moodle import DONE, WAYS, MoodleStand, deliver_for_ever, serve_moodle
from benchmarks.schema import fresh_database
from lti_tool.accounts.models import Membership, Person, PlacementKind, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import Settings
from lti_tool.db import engine_for, now, transaction
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.batch import push_due
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm
from lti_tool.scans.delivery.states import DeliveryState
from lti_tool.scans.exam import set_subject
from lti_tool.scans.file_names import NameReading
from lti_tool.scans.models import Batch, Paper
from lti_tool.scans.resolving import confirm_match
from lti_tool.scans.states import PaperState
from lti_tool.secrets import Secrets
from tests.fakes.services import SCORE, FakeServices
from tests.files import samples
from tests.fixtures.people import House, build_house
from tests.fixtures.services import connect_house, viewer_of
from tests.scans.conftest import paper_of, sent_file

EXAM, SUBJECT, FIRST_NUMBER = PlacementKind.EXAM, "BIO210", 230521100101
VERSIONS = 3
POINTS = [Decimal(version) + Decimal("0.5") for version in range(VERSIONS)]
"""What is approved first, second and third: each approval can be told from the others where it arrives."""
WORKERS, MOST_ROUNDS, MOST_TRIES = 2, 60, 40
MOST_CALLS, PATIENCE = 80, 60.0
"""After how many calls at most a worker is killed, and seconds after which it is killed though it called nobody."""
Worker = Callable[[str, Runtime], None]
LOOP = "plain loop, repeats"
SETTLED = frozenset({PushStatus.SUCCEEDED, PushStatus.FAILED, PushStatus.OVERRIDDEN})


@dataclass(kw_only=True)
class Outcome:
    """One row of the table."""

    name: str
    chance: float
    approvals: int = 0
    arrived: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    claimed_in_vain: int = 0
    kills: int = 0
    tries: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.claimed_in_vain)

    def judge(self, seen: Seen, people: Sequence[str], says: dict[str, bool]) -> None:
        """Compare what arrived at the platform with what was approved last, and with what we say of it."""
        for user in people:
            came = [points for who, points in seen.accepted if who == user]
            holds_last = seen.held.get(user) == float(POINTS[-1])
            self.arrived += len(came)
            self.lost += not holds_last
            self.doubled += len(came) - len(set(came))
            self.disordered += came != sorted(came)
            self.claimed_in_vain += says[user] and not holds_last
        self.calls = seen.calls


class Stand:
    """The course with its papers, and the pipe to the platform."""

    def __init__(self, runtime: Runtime, pipe: Connection, size: int) -> None:
        self.runtime, self.pipe = runtime, pipe
        self.platform = FakeServices()
        self.platform.url = pipe.recv()
        self.store = FileStore.of(runtime.settings)
        with transaction(runtime.engine) as session:
            self.house: House = build_house(session)
            connect_house(self.house, self.platform, runtime)
            self.house.links[EXAM].line_item_url = self.platform.line_item_url()
            self.people = [self._student(number) for number in range(size)]
            session.add_all(self.people)
            session.flush()
            course_id = self.house.course.id
            session.add_all(
                Membership(course_id=course_id, person_id=person.id, launch_role=Role.STUDENT) for person in self.people
            )
            session.flush()
            self.subs = [person.sub for person in self.people]
            self._confirm_all()
        pipe.send(("keys", self.platform.tool_keys()))
        pipe.send(("token", "loop"))

    def _student(self, number: int) -> Person:
        register_number = str(FIRST_NUMBER + number)
        return Person(platform_id=self.house.platform.id, sub=str(1001 + number), idnumber=register_number)

    def _confirm_all(self) -> None:
        """Each paper comes in, is compared by staff and confirmed by its student."""
        session, exam = self.house.session, self.house.placements[EXAM]
        self.teacher = viewer_of(self.house, "teacher", EXAM)
        set_subject(session, self.teacher, SUBJECT)
        batch = Batch(id=uuid4(), placement_id=exam.id, uploaded_by_id=self.teacher.person_id)
        session.add(batch)
        session.flush()
        self.student = viewer_of(self.house, "student", EXAM)
        for person in self.people:
            self._confirm(batch, replace(self.student, person_id=person.id), person.idnumber)

    def _confirm(self, batch: Batch, student: Viewer, number: str) -> None:
        session, secrets = self.house.session, self.runtime.secrets
        stored = self.store.put(
            session,
            io.BytesIO(samples.pdf(number, str(uuid4()))),
            name=f"{number}_{SUBJECT}.pdf",
            media_type=MediaType.PDF,
            course_id=self.house.course.id,
        )
        reading = NameReading(register_number=number, subject_code=SUBJECT)
        paper = paper_of(session, self.house.placements[EXAM], sent_file(session, batch, stored, 2), reading)
        confirm_match(session, self.teacher, paper, secrets, self.store, binding=paper.binding)
        claim(session, student, paper, secrets)
        confirm(session, student, paper, secrets, self.store)

    def approve_all(self, version: int) -> None:
        """The whole pile is graded, and graded anew."""
        with transaction(self.runtime.engine) as session:
            placement_id = self.house.placements[EXAM].id
            for person in self.people:
                grade = record_grade(
                    session,
                    self.teacher,
                    placement_id=placement_id,
                    person_id=person.id,
                    points=POINTS[version],
                    comment=f"Marked for the {version + 1}. time",
                )
                approve(session, self.teacher, grade)

    def seen(self) -> Seen:
        self.pipe.send(("seen",))
        answer: Seen = self.pipe.recv()
        return answer

    def begin(self, chance: float) -> None:
        self.pipe.send(("forget",))
        self.pipe.send(("chance", chance))

    def pushes(self) -> dict[str, tuple[PushStatus, int]]:
        with transaction(self.runtime.engine) as session:
            found = session.execute(select(Person.sub, Push.status, Push.attempts).join(Push))
            return {sub: (PushStatus(status), attempts) for sub, status, attempts in found}

    def is_anything_due(self) -> bool:
        with transaction(self.runtime.engine) as session:
            due = (Push.status == PushStatus.DOING) | ((Push.status == PushStatus.TODO) & (Push.next_try_at <= now()))
            return session.scalar(select(Push.id).where(due).limit(1)) is not None

    def let_time_pass(self) -> None:
        """No worker lives: what they held is free, and what waited for its next try is due."""
        with transaction(self.runtime.engine) as session:
            session.execute(text("UPDATE push SET leased_until = now() - interval '1 s' WHERE status = 'doing'"))
            session.execute(text("UPDATE push SET next_try_at = now() WHERE status = 'todo'"))

    def clear(self) -> None:
        """The same papers are marked as if never before. The tables refuse to forget: their triggers are put aside."""
        with transaction(self.runtime.engine) as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text("TRUNCATE push, push_attempt, approval, grade CASCADE"))


def send_for_ever(url: str, runtime: Runtime) -> None:
    """What a worker does, in a process that may be killed at any moment."""
    own = replace(runtime, engine=engine_for(url))
    while True:
        push_due(own)
        time.sleep(0.05)


def run_ours(stand: Stand, url: str, chance: float, luck: random.Random, *, kills: bool) -> Outcome:
    """Rounds of two workers each; in each round they are killed at some moment, until nothing waits any more."""
    outcome = Outcome(name="ours, workers killed" if kills else "ours", chance=chance)
    stand.begin(chance)
    for version in range(VERSIONS):
        stand.approve_all(version)
        outcome.approvals += len(stand.people)
        outcome.kills += work(stand, url, luck, kills=kills)
    for _round in range(MOST_ROUNDS):
        if all(status in SETTLED for status, _tries in stand.pushes().values()):
            break
        outcome.kills += work(stand, url, luck, kills=kills)
    pushes = stand.pushes()
    outcome.tries = max(tries for _status, tries in pushes.values())
    outcome.judge(stand.seen(), stand.subs, {sub: pushes[sub][0] is PushStatus.SUCCEEDED for sub in stand.subs})
    return outcome


def work(stand: Stand, url: str, luck: random.Random, *, kills: bool) -> int:
    """Two workers for a while; how many were killed."""
    if not kills:
        push_due(stand.runtime)
        stand.let_time_pass()
        return 0
    killed = kill_workers(stand, url, send_for_ever, luck)
    stand.let_time_pass()
    return killed


def kill_workers(stand: "Stand | MoodleStand", url: str, work_on: Worker, luck: random.Random) -> int:
    """Let two workers begin, and kill each after some calls more; how many."""
    stand.runtime.engine.dispose()
    fork = multiprocessing.get_context("fork")
    workers: list[BaseProcess] = [fork.Process(target=work_on, args=(url, stand.runtime)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        wait_for_calls(stand, luck.randint(1, MOST_CALLS), luck.uniform(0, 0.02))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    return WORKERS


def wait_for_calls(stand: "Stand | MoodleStand", more: int, then: float) -> None:
    """Until the platform was called so often, and a moment; or nothing is left to call for."""
    wanted, deadline = _calls(stand.pipe) + more, time.monotonic() + PATIENCE
    while _calls(stand.pipe) < wanted and stand.is_anything_due() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(then)


def _calls(pipe: Connection) -> int:
    pipe.send(("count", None))
    count: int = pipe.recv()
    return count


def run_moodle(stand: MoodleStand, url: str, way: str, chance: float, student: Viewer, luck: random.Random) -> Outcome:
    """The papers into one assignment, with workers that are killed."""
    outcome = Outcome(name=way, chance=chance, approvals=len(stand.people))
    number = stand.begin(*WAYS[way], student)
    stand.pipe.send(("chance", chance))
    for _round in range(MOST_ROUNDS):
        if all(state in DONE for state, _tries in stand.states().values()):
            break
        outcome.kills += kill_workers(stand, url, deliver_for_ever, luck)
        stand.let_time_pass()
    states, lies = stand.states(), stand.lies(number)
    for user, sha256 in stand.hashes.items():
        is_there = sha256 in lies.hashes.get(user, [])
        outcome.arrived += is_there
        outcome.lost += not is_there
        outcome.doubled += len(lies.hashes.get(user, [])) > 1
        outcome.claimed_in_vain += states[user][0] is DeliveryState.CONFIRMED and not is_there
    outcome.doubled += sum(told - 1 for told in lies.told.values() if told > 1)
    outcome.tries, outcome.calls = max(tries for _state, tries in states.values()), lies.calls
    return outcome


def run_loop(stand: Stand, chance: float) -> Outcome:
    """One score after the other, repeated until the platform says yes: what is written first without an outbox."""
    outcome = Outcome(name=LOOP, chance=chance)
    stand.begin(chance)
    said: dict[str, bool] = {}
    clock = datetime.now(UTC)
    with requests.Session() as http:
        for version in range(VERSIONS):
            outcome.approvals += len(stand.people)
            for sub in stand.subs:
                said[sub], tries, clock = _post(stand, http, sub, POINTS[version], clock)
                outcome.tries = max(outcome.tries, tries)
    outcome.judge(stand.seen(), stand.subs, said)
    return outcome


def _post(
    stand: Stand, http: requests.Session, sub: str, points: Decimal, clock: datetime
) -> tuple[bool, int, datetime]:
    url = stand.platform.line_item_url().replace("?", "/scores?")
    headers = {"Authorization": "Bearer loop", "Content-Type": SCORE}
    for tries in range(1, MOST_TRIES + 1):
        clock += timedelta(seconds=1)
        try:
            answer = http.post(url, data=plain_score(sub, points, clock), headers=headers, timeout=10)
        except requests.RequestException:
            continue
        if answer.ok:
            return True, tries, clock
    return False, MOST_TRIES, clock


HEADS = ("calls fail", "approved", "arrived", "lost", "doubled", "out of order", "said in vain", "kills", "tries")


def told(outcome: Outcome) -> Outcome:
    """A row of the table, as soon as it is known."""
    counts = (outcome.approvals, outcome.arrived, outcome.lost, outcome.doubled, outcome.disordered)
    cells = [f"{outcome.chance:.0%}", *map(str, (*counts, outcome.claimed_in_vain, outcome.kills, outcome.tries))]
    each = sum(outcome.calls.values()) / max(outcome.arrived, 1)
    print(f"{outcome.name:24}" + "".join(f"{cell:>13}" for cell in cells) + f"{each:13.2f}", flush=True)
    return outcome


@contextmanager
def served(server: Callable[..., None], *options: Any) -> Iterator[Connection]:
    """A platform in a process of its own."""
    pipe, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=server, args=(theirs, *options), daemon=True)
    process.start()
    yield pipe
    pipe.send(None)
    process.join(10)


def count_confirmed(engine: Engine) -> int:
    with transaction(engine) as session:
        confirmed = select(func.count()).select_from(Paper).where(Paper.state == PaperState.CONFIRMED)
        return session.scalar(confirmed) or 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=120)
    parser.add_argument("--chance", type=float, nargs="+", default=[0.05, 0.2])
    parser.add_argument("--ways", nargs="+", choices=("grades", "papers"), default=["grades", "papers"])
    parser.add_argument("--delay", type=float, default=0.01, help="seconds until the platform answers")
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    outcomes = []
    with (
        served(serve, asked.seed, asked.delay) as pipe,
        served(serve_moodle, asked.seed) as moodle_pipe,
        fresh_database() as engine,
        tempfile.TemporaryDirectory() as folder,
    ):
        url = engine.url.render_as_string(hide_password=False)
        secrets = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
        settings = replace(Settings.from_env({}), data_dir=Path(folder))
        stand = Stand(Runtime(settings=settings, engine=engine, secrets=secrets), pipe, asked.papers)
        print(f"{count_confirmed(engine)} papers confirmed by their students; each is graded {VERSIONS} times")
        print(f"{'':24}" + "".join(f"{head:>13}" for head in (*HEADS, "calls/each")), flush=True)
        luck = random.Random(asked.seed)
        if "grades" in asked.ways:
            for chance in asked.chance:
                outcomes.append(told(run_loop(stand, chance)))
                for kills in (False, True):
                    stand.clear()
                    outcomes.append(told(run_ours(stand, url, chance, luck, kills=kills)))
        if "papers" in asked.ways:
            stand.clear()
            moodle = MoodleStand(stand.runtime, stand.house, stand.teacher, stand.people, moodle_pipe)
            outcomes += [
                told(run_moodle(moodle, url, way, chance, stand.student, luck))
                for chance in asked.chance
                for way in WAYS
            ]
    sys.exit(0 if all(one.is_clean for one in outcomes if one.name != LOOP) else 1)


if __name__ == "__main__":
    main()
