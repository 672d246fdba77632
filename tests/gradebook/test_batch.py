"""The whole outbox: many people at once, each person in order, each grade once, whatever dies."""

import multiprocessing
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from lti_tool.accounts.models import Membership, Person, PlacementKind
from lti_tool.accounts.viewer import viewer_for
from lti_tool.db import engine_for, now, transaction
from lti_tool.gradebook import tasks
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.batch import push_due
from lti_tool.gradebook.grades import record_grade
from lti_tool.gradebook.models import Grade, Push, PushAttempt, PushStatus
from lti_tool.runtime import Runtime
from tests.fakes.services import Canned
from tests.fixtures.services import Served, viewer_in

CLASS = 30


def enrol(served: Served, size: int = CLASS) -> list[Person]:
    """That many students in the first course."""
    with transaction(served.runtime.engine) as session:
        people = [Person(platform_id=served.house.platform.id, sub=f"s{number}") for number in range(size)]
        session.add_all(people)
        session.flush()
        course_id = served.house.course.id
        session.add_all([Membership(course_id=course_id, person_id=person.id) for person in people])
    return people


def approve_all(served: Served, people: list[Person], points: int) -> None:
    with transaction(served.runtime.engine) as session:
        teacher = viewer_in(session, served.house, "teacher")
        for person in people:
            placement_id = served.house.placements[PlacementKind.ACTIVITY].id
            grade = record_grade(
                session,
                teacher,
                placement_id=placement_id,
                person_id=person.id,
                points=Decimal(points),
                comment="",
            )
            approve(session, teacher, grade)


def statuses(served: Served) -> dict[str, int]:
    with transaction(served.runtime.engine) as session:
        return dict(session.execute(select(Push.status, func.count()).group_by(Push.status)).all())  # type: ignore[arg-type]  # rows are pairs


def make_due(served: Served) -> None:
    """Let the leases of the dead run out, and the waits."""
    with transaction(served.runtime.engine) as session:
        session.execute(update(Push).where(Push.status == PushStatus.DOING).values(leased_until=now()))
        session.execute(update(Push).where(Push.status == PushStatus.TODO).values(next_try_at=now()))


def test_a_class_arrives_once_each(served: Served) -> None:
    people = enrol(served)
    approve_all(served, people, 7)
    assert push_due(served.runtime) == CLASS
    assert statuses(served) == {PushStatus.SUCCEEDED: CLASS}
    assert sorted(score["userId"] for score in served.moodle.accepted) == sorted(person.sub for person in people)


def test_two_teachers_who_grade_a_person_at_once_make_one_grade(served: Served) -> None:
    people = enrol(served, 1)
    with ThreadPoolExecutor(4) as teachers:
        list(teachers.map(lambda points: grade_one(served, people[0], points), [5, 6, 7, 8]))
    with transaction(served.runtime.engine) as session:
        assert session.scalars(select(Grade.version)).all() == [4]


def grade_one(served: Served, person: Person, points: int) -> None:
    with transaction(served.runtime.engine) as session:
        teacher = viewer_for(session, served.launch_id, "browser-of-teacher")
        placement_id = served.house.placements[PlacementKind.ACTIVITY].id
        record_grade(
            session,
            teacher,
            placement_id=placement_id,
            person_id=person.id,
            points=Decimal(points),
            comment="",
        )


def test_nothing_due_calls_nobody(served: Served) -> None:
    assert push_due(served.runtime) == 0 and not served.moodle.requests


def test_two_workers_share_the_work_and_send_nothing_twice(served: Served) -> None:
    served.moodle.delay = 0.01
    people = enrol(served)
    approve_all(served, people, 7)
    with ThreadPoolExecutor(2) as workers:
        tried = list(workers.map(lambda _: push_due(served.runtime), range(2)))
    assert sum(tried) == CLASS == len(served.moodle.accepted)


def test_one_persons_grades_arrive_in_order(served: Served) -> None:
    people = enrol(served, 3)
    for points in (5, 6, 7):
        approve_all(served, people, points)
        push_due(served.runtime)
    assert [served.moodle.scores_of(person.sub) for person in people] == [[5, 6, 7]] * 3


def test_one_persons_failure_does_not_hold_the_others(served: Served) -> None:
    people = enrol(served, 6)
    served.moodle.ungradable = {people[0].sub}
    approve_all(served, people, 7)
    push_due(served.runtime)
    assert statuses(served) == {PushStatus.SUCCEEDED: 5, PushStatus.FAILED: 1}


def test_every_fifth_call_fails_and_every_grade_arrives_once(served: Served) -> None:
    people = enrol(served)
    approve_all(served, people, 7)
    for number in range(12):
        served.moodle.answer_next("POST", "scores", Canned(hang_up=True, after=number % 2 == 0), Canned(503))
    for _ in range(8):
        make_due(served)
        push_due(served.runtime)
    assert statuses(served) == {PushStatus.SUCCEEDED: CLASS}
    assert [served.moodle.scores_of(person.sub) for person in people] == [[7]] * CLASS


def test_the_task_sends_and_reads_back(served: Served) -> None:
    (person,) = enrol(served, 1)
    approve_all(served, [person], 7)
    served.moodle.overridden = {person.sub: 3}
    tasks.push_due(served.runtime)
    assert statuses(served) == {PushStatus.OVERRIDDEN: 1}


def worker(runtime: Runtime, address: str) -> None:
    """A worker process of its own, with its own connections."""
    push_due(Runtime(settings=runtime.settings, engine=engine_for(address), secrets=runtime.secrets))


@pytest.fixture
def worker_processes() -> Iterator[list[multiprocessing.process.BaseProcess]]:
    started: list[multiprocessing.process.BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join()


def start_worker(served: Served) -> multiprocessing.process.BaseProcess:
    address = served.runtime.engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("fork").Process(target=worker, args=(served.runtime, address))
    with warnings.catch_warnings():
        # Python warns of forking beside threads; the child touches nothing of the fake platform's.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    return process


def test_killed_workers_lose_nothing_and_send_nothing_twice(
    served: Served, worker_processes: list[multiprocessing.process.BaseProcess]
) -> None:
    served.moodle.delay = 0.02
    people = enrol(served)
    approve_all(served, people, 7)
    for kill in range(1, 6):
        make_due(served)
        worker_processes.append(process := start_worker(served))
        while process.is_alive() and len(served.moodle.received("scores")) < kill * 5:
            process.join(0.005)
        process.kill()
        process.join()
    make_due(served)
    push_due(served.runtime)
    assert statuses(served) == {PushStatus.SUCCEEDED: CLASS}
    assert [served.moodle.scores_of(person.sub) for person in people] == [[7]] * CLASS


def test_history_never_claims_what_did_not_happen(served: Served) -> None:
    people = enrol(served, 5)
    served.moodle.answer_next("POST", "scores", *[Canned(503)] * 5)
    approve_all(served, people, 7)
    push_due(served.runtime)
    with transaction(served.runtime.engine) as session:
        outcomes = set(session.scalars(select(PushAttempt.outcome)))
    assert outcomes == {"unknown"} and served.moodle.accepted == []
