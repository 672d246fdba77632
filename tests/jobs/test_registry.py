"""Queueing: in the caller's transaction, one waiting job a queueing lock."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.jobs.registry import Retry, task
from tests.jobs.tasks_for_tests import greet


def jobs(session: Session) -> list[Any]:
    return session.execute(text("SELECT * FROM procrastinate_jobs ORDER BY id")).mappings().all()


def test_a_job_carries_its_arguments_queue_and_lock(session: Session) -> None:
    greet.enqueue(session, course_id=4)
    (job,) = jobs(session)
    assert (job["task_name"], job["queue_name"], job["lock"], job["args"]) == (
        "tests.greet",
        "quiet",
        "course:4",
        {"course_id": 4},
    )


def test_a_job_vanishes_with_the_transaction_that_asked_for_it(committed_engine: Engine) -> None:
    with Session(committed_engine) as session:
        greet.enqueue(session, course_id=4)
        session.rollback()
        assert jobs(session) == []


def test_a_job_can_wait_for_its_time(session: Session) -> None:
    tomorrow = now() + timedelta(days=1)
    greet.enqueue(session, run_at=tomorrow, course_id=4)
    assert jobs(session)[0]["scheduled_at"] == tomorrow


def test_a_queueing_lock_holds_one_waiting_job(session: Session) -> None:
    first = greet.enqueue(session, queueing_lock="once", course_id=4)
    second = greet.enqueue(session, queueing_lock="once", course_id=4)
    assert first == second and len(jobs(session)) == 1


def test_a_running_job_does_not_keep_the_next_from_waiting(session: Session) -> None:
    first = greet.enqueue(session, queueing_lock="once", course_id=4)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    assert greet.enqueue(session, queueing_lock="once", course_id=4) != first


def test_a_waiting_job_does_not_start_before_a_second_caller_has_committed(committed_engine: Engine) -> None:
    with transaction(committed_engine) as session:
        greet.enqueue(session, queueing_lock="once", course_id=4)
    with Session(committed_engine) as second, committed_engine.begin() as worker:
        greet.enqueue(second, queueing_lock="once", course_id=4)
        fetch = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert worker.execute(fetch).scalar() is None
        second.commit()
        assert worker.execute(fetch).scalar() is not None


def test_waits_grow_and_end() -> None:
    retry = Retry(attempts=4, first_wait=5, factor=3, longest_wait=40)
    assert [retry.wait_after(failures) for failures in (1, 2, 3, 4)] == [5, 15, 40, None]


def test_two_tasks_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"tests\.greet"):
        task("tests.greet")(lambda runtime: None)
