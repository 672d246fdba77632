"""120 approved grades to a platform that answers in 50 ms: our outbox beside a plain loop (targets.md).

    python -m benchmarks.grade_push

Both run against the same platform process, alternating, after a warm-up; the medians are compared. Ours claims, sends,
settles and keeps history in PostgreSQL; the loop posts one score after the other on one connection and keeps nothing.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection

import requests
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from benchmarks.schema import fresh_database
from lti_tool.accounts.models import Membership, Person, PlacementKind
from lti_tool.config import Settings
from lti_tool.db import transaction
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.batch import push_due
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets
from tests.fakes.services import SCORE, FakeServices
from tests.fixtures.people import House, build_house
from tests.fixtures.services import connect_house, viewer_in

TARGET = 6.0


def serve(pipe: Connection, delay: float) -> None:
    """The platform, in a process of its own so that it does not share our interpreter's lock."""
    with FakeServices(delay=delay) as platform:
        pipe.send(platform.url)
        while (order := pipe.recv()) is not None:
            if isinstance(order, dict):
                platform.tool_keys = lambda keys=order: keys  # type: ignore[misc]  # bound now
            else:
                platform.tokens.add("loop")
                pipe.send([score["userId"] + "|" + score["timestamp"] for score in platform.accepted])
                platform.accepted.clear()
                platform.held.clear()


class Stand:
    """The committed house, the people, and the platform's pipe."""

    def __init__(self, runtime: Runtime, pipe: Connection, size: int) -> None:
        self.runtime, self.pipe = runtime, pipe
        self.platform = FakeServices()
        self.platform.url = pipe.recv()
        with transaction(runtime.engine) as session:
            self.house: House = build_house(session)
            connect_house(self.house, self.platform, runtime)
            self.people = [Person(platform_id=self.house.platform.id, sub=f"s{number}") for number in range(size)]
            session.add_all(self.people)
            session.flush()
            course_id = self.house.course.id
            session.add_all([Membership(course_id=course_id, person_id=person.id) for person in self.people])
        pipe.send(self.platform.tool_keys())

    def approve_all(self, points: Decimal) -> None:
        with transaction(self.runtime.engine) as session:
            teacher = viewer_in(session, self.house, "teacher")
            placement_id = self.house.placements[PlacementKind.ACTIVITY].id
            for person in self.people:
                grade = record_grade(
                    session, teacher, placement_id=placement_id, person_id=person.id, points=points, comment="Good"
                )
                approve(session, teacher, grade)

    def arrived(self) -> list[str]:
        self.pipe.send("arrived")
        arrived: list[str] = self.pipe.recv()
        return [line.partition("|")[0] for line in arrived]

    def run_ours(self, points: Decimal) -> tuple[float, float]:
        self.approve_all(points)
        wall, cpu = time.perf_counter(), time.process_time()
        push_due(self.runtime)
        return time.perf_counter() - wall, time.process_time() - cpu

    def run_loop(self, points: Decimal) -> tuple[float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        url = self.platform.line_item_url().replace("?", "/scores?")
        headers = {"Authorization": "Bearer loop", "Content-Type": SCORE}
        with requests.Session() as http:
            for person in self.people:
                http.post(url, data=plain_score(person.sub, points), headers=headers, timeout=10).raise_for_status()
        return time.perf_counter() - wall, time.process_time() - cpu


def plain_score(user_id: str, points: Decimal, at: datetime | None = None) -> str:
    at = at or datetime.now(UTC) + timedelta(seconds=1)
    return json.dumps(
        {
            "userId": user_id,
            "scoreGiven": float(points),
            "scoreMaximum": 10,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "comment": "Good",
            "timestamp": at.isoformat(timespec="seconds"),
        }
    )


def compare(stand: Stand, runs: int) -> float:
    """Alternate, check that each grade arrived once each time, and print the medians."""
    ours, loop = [], []
    for run in range(runs + 1):
        points = Decimal(run % 10) + Decimal("0.5")
        stand.arrived()
        ours.append(stand.run_ours(points))
        assert sorted(stand.arrived()) == sorted(person.sub for person in stand.people), "a grade arrived not once"
        loop.append(stand.run_loop(points))
        assert sorted(stand.arrived()) == sorted(person.sub for person in stand.people)
    wall_ours, wall_loop = (statistics.median(wall for wall, _ in series[1:]) for series in (ours, loop))
    cpu_ours = statistics.median(cpu for _, cpu in ours[1:])
    print(f"plain loop {wall_loop:.2f} s, ours {wall_ours:.2f} s ({cpu_ours:.2f} s CPU), each grade arrived once")
    return wall_loop / wall_ours


def main() -> None:
    """Print the ratio that targets.md asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grades", type=int, default=120)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds until the platform answers")
    asked = parser.parse_args()
    pipe, theirs = multiprocessing.Pipe()
    platform = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, asked.delay), daemon=True)
    platform.start()
    with fresh_database() as engine:
        secrets = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
        runtime = Runtime(settings=Settings.from_env({}), engine=engine, secrets=secrets)
        stand = Stand(runtime, pipe, asked.grades)
        ratio = compare(stand, asked.runs)
        with transaction(engine) as session:
            succeeded = session.scalar(select(func.count()).where(Push.status == PushStatus.SUCCEEDED))
            assert succeeded == asked.grades, session.execute(text("SELECT status, reason FROM push")).all()
    pipe.send(None)
    print(f"{ratio:.1f} times faster than a plain loop (target: at least {TARGET:.0f})")


if __name__ == "__main__":
    main()
