"""Dead letters: a person retries or discards them."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.errors import NotFound
from lti_tool.jobs import failures
from lti_tool.jobs.state import queue_states
from tests.jobs.tasks_for_tests import greet


@pytest.fixture
def dead(session: Session) -> int:
    job = greet.enqueue(session, course_id=4)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 8 WHERE id = :id"), {"id": job})
    failures.record_failure(session, job, 7, "first")
    failures.record_failure(session, job, 8, "last")
    session.flush()
    return job


def test_a_dead_letter_shows_its_last_reason(session: Session, dead: int) -> None:
    (letter,) = failures.dead_letters(session)
    assert (letter.id, letter.task, letter.args, letter.reason) == (dead, "tests.greet", {"course_id": 4}, "last")


def test_a_retried_job_waits_again_with_all_its_tries(session: Session, dead: int) -> None:
    failures.retry(session, dead)
    job = session.execute(text("SELECT status, attempts FROM procrastinate_jobs")).one()
    assert job.status == "todo" and job.attempts <= 1
    assert failures.dead_letters(session) == []


def test_a_discarded_job_is_gone_with_its_reasons(session: Session, dead: int) -> None:
    failures.discard(session, dead)
    assert failures.dead_letters(session) == []
    assert session.execute(text("SELECT count(*) FROM job_failure")).scalar_one() == 0


def test_only_dead_letters_can_be_discarded(session: Session) -> None:
    waiting = greet.enqueue(session, course_id=4)
    with pytest.raises(NotFound):
        failures.discard(session, waiting)


def test_reasons_of_settled_jobs_are_forgotten_and_others_kept(session: Session, dead: int) -> None:
    failures.record_failure(session, dead + 1000, 1, "settled")
    session.flush()
    failures.forget_settled(session)
    assert session.scalars(text("SELECT reason FROM job_failure ORDER BY id")).all() == ["first", "last"]


def test_a_queue_tells_how_long_its_oldest_job_has_waited(session: Session, dead: int) -> None:
    waiting = greet.enqueue(session, course_id=5)
    session.execute(
        text("UPDATE procrastinate_events SET at = now() - interval '90 seconds' WHERE job_id = :id"), {"id": waiting}
    )
    (queue,) = queue_states(session)
    assert (queue.queue, queue.waiting, queue.failed, queue.oldest_seconds) == ("quiet", 1, 1, 90)
