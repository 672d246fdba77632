"""A roster of 10,000 members: our sync beside fetching pages and inserting one by one (targets.md).

    python -m benchmarks.roster

Each run is a process of its own on a fresh database, alternating, after a warm-up; medians of wall time are compared
and the highest memory of ours is shown. The other side reads pages of 100 with PyLTI1p3's way of asking and writes
each member with a look-up and an insert, in one transaction; it is so slow that it is timed on a tenth of the course
and its time multiplied, which leaves out that it slows down further.
"""

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import requests
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from benchmarks.schema import fresh_database
from lti_tool.accounts.models import Course, Membership, Person
from lti_tool.accounts.roster.models import SyncStatus
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.config import Settings
from lti_tool.db import engine_for, transaction
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets
from tests.fakes.services import MEMBERS, FakeServices
from tests.fixtures.people import build_house
from tests.fixtures.services import connect_house

TARGET, MOST_MEGABYTES = 10.0, 300
PAGE = 100
SHARE = 10


def member(number: int) -> dict[str, object]:
    return {
        "user_id": f"m{number}",
        "status": "Active",
        "roles": ["Learner"],
        "name": f"Member Number {number}",
        "given_name": "Member",
        "family_name": f"Number {number}",
        "email": f"member{number}@example.org",
        "lis_person_sourcedid": f"{number:012d}",
    }


def serve(pipe: Connection, size: int) -> None:
    """The platform, in a process of its own; it pages when it is asked with `limit`, as Moodle does."""
    with FakeServices() as platform:
        everybody = [member(number) for number in range(size)]
        pipe.send(platform.url)
        while (order := pipe.recv()) is not None:
            if isinstance(order, tuple):
                platform.members, platform.page_size = everybody[: order[0]], order[1]
            else:
                platform.tool_keys = lambda keys=order: keys  # type: ignore[misc]  # bound now
            platform.tokens.add("loop")
            pipe.send("done")


def ours(url: str, key: bytes, course_id: int) -> None:
    engine = engine_for(url)
    secrets = Secrets(app_key="benchmark", fernet=Fernet(key))
    assert sync_roster(engine, secrets, course_id) is SyncStatus.SUCCEEDED
    engine.dispose()


def one_by_one(url: str, _key: bytes, course_id: int) -> None:
    engine = engine_for(url)
    with transaction(engine) as session:
        course = session.get_one(Course, course_id)
        address: str | None = f"{course.memberships_url}?limit={PAGE}"
        while address:
            answer = requests.get(address, headers={"Authorization": "Bearer loop", "Accept": MEMBERS}, timeout=30)
            for entry in answer.json()["members"]:
                _insert(session, course, entry)
            address = answer.links.get("next", {}).get("url")
    engine.dispose()


def _insert(session: Session, course: Course, entry: dict[str, str]) -> None:
    platform_id = course.deployment.registration.platform_id
    known = select(Person).where(Person.platform_id == platform_id, Person.sub == entry["user_id"])
    person = session.scalar(known) or Person(platform_id=platform_id, sub=entry["user_id"])
    person.name, person.email, person.idnumber = entry["name"], entry["email"], entry["lis_person_sourcedid"]
    person.given_name, person.family_name = entry["given_name"], entry["family_name"]
    session.add(person)
    session.flush()
    belongs = select(Membership).where(Membership.course_id == course.id, Membership.person_id == person.id)
    if session.scalar(belongs) is None:
        session.add(Membership(course_id=course.id, person_id=person.id, roster_role="student"))
        session.flush()


Way = Callable[[str, bytes, int], None]


def measured(pipe: Connection, way: Way, url: str, key: bytes, course_id: int) -> None:
    """Run one way in this fresh process; seconds, and the peak memory in megabytes."""
    started = time.perf_counter()
    way(url, key, course_id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pipe.send((time.perf_counter() - started, peak))


def run(way: Way, url: str, key: bytes, course_id: int) -> tuple[float, float]:
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=measured, args=(far, way, url, key, course_id))
    process.start()
    result: tuple[float, float] = near.recv()
    process.join()
    return result


def forget(engine: Engine) -> None:
    """Back to an empty course."""
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM membership WHERE person_id IN (SELECT id FROM person WHERE sub LIKE 'm%')")
        )
        connection.execute(text("DELETE FROM roster_sync"))
        connection.execute(text("DELETE FROM person WHERE sub LIKE 'm%'"))
        connection.execute(text("UPDATE membership SET roster_role = NULL"))


def compare(engine: Engine, url: str, pipe: Connection, runs: int, size: int, key: bytes, course_id: int) -> float:
    results: dict[Way, list[tuple[float, float]]] = {ours: [], one_by_one: []}
    for _ in range(runs + 1):
        for way, wanted, page_size in ((ours, size, None), (one_by_one, size // SHARE, PAGE)):
            forget(engine)
            pipe.send((wanted, page_size))
            pipe.recv()
            results[way].append(run(way, url, key, course_id))
            with transaction(engine) as session:
                arrived = select(func.count()).select_from(Membership).where(Membership.roster_role == "student")
                assert session.scalar(arrived) == wanted
    fast, slow = (statistics.median(seconds for seconds, _ in results[way][1:]) for way in (ours, one_by_one))
    slow *= SHARE
    peak = max(megabytes for _, megabytes in results[ours])
    print(
        f"one by one {slow:.1f} s, ours {fast:.2f} s; ours took at most {peak:.0f} MB (target: under {MOST_MEGABYTES})"
    )
    return slow / fast


def main() -> None:
    """Print the ratio that targets.md asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    pipe, theirs = multiprocessing.Pipe()
    platform = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, asked.members), daemon=True)
    platform.start()
    with fresh_database() as engine:
        key = Fernet.generate_key()
        secrets = Secrets(app_key="benchmark", fernet=Fernet(key))
        runtime = Runtime(settings=Settings.from_env({}), engine=engine, secrets=secrets)
        fake = FakeServices()
        fake.url = pipe.recv()
        with transaction(engine) as session:
            house = build_house(session)
            connect_house(house, fake, runtime)
        pipe.send(fake.tool_keys())
        pipe.recv()
        course_id = house.course.id
        ratio = compare(
            engine, engine.url.render_as_string(hide_password=False), pipe, asked.runs, asked.members, key, course_id
        )
    pipe.send(None)
    print(f"{ratio:.1f} times faster than one by one (target: at least {TARGET:.0f})")


if __name__ == "__main__":
    main()
