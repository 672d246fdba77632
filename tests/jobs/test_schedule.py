"""The schedule: kept in the table, so that an administrator's word counts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.jobs import schedule
from lti_tool.jobs.models import ScheduledTask
from lti_tool.jobs.registry import PERIODIC, Periodic, periodic, task
from lti_tool.runtime import Runtime


@periodic("0 2 * * *")
@task("tests.nightly")
def nightly(runtime: Runtime) -> None:
    """Do nothing."""


@pytest.fixture
def row(session: Session) -> ScheduledTask:
    """The only task that is on: what runs every minute may fall due at any moment of a test."""
    schedule.store_defaults(session)
    session.execute(update(ScheduledTask).where(ScheduledTask.task != nightly.name).values(is_enabled=False))
    return schedule.get_scheduled(session, "tests.nightly")


def waiting(session: Session) -> int:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.nightly'"
    return session.execute(text(query)).scalar_one()


def test_the_next_time_is_after_now_in_utc() -> None:
    at = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert schedule.next_time("0 2 * * *", at) == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_a_task_is_queued_when_its_time_has_come_and_not_again(session: Session, row: ScheduledTask) -> None:
    row.next_run_at = now() - timedelta(minutes=1)
    assert schedule.queue_due(session) == ["tests.nightly"]
    assert schedule.queue_due(session) == []
    assert waiting(session) == 1 and row.next_run_at > now()


def test_a_task_that_is_switched_off_is_not_queued(session: Session, row: ScheduledTask) -> None:
    schedule.set_enabled(row, False)
    row.next_run_at = now() - timedelta(minutes=1)
    assert schedule.queue_due(session) == []


def test_a_task_runs_soon_when_asked_even_if_it_is_off(session: Session, row: ScheduledTask) -> None:
    schedule.set_enabled(row, False)
    schedule.run_soon(row)
    assert schedule.queue_due(session) == ["tests.nightly"]
    assert not row.is_wanted_now


def test_an_own_time_survives_a_restart(session: Session, row: ScheduledTask) -> None:
    schedule.reschedule(row, " 30  4 * * 1 ")
    schedule.store_defaults(session)
    session.refresh(row)
    assert row.cron == "30 4 * * 1" and (row.next_run_at.hour, row.next_run_at.minute) == (4, 30)


def test_an_empty_time_brings_the_default_back(row: ScheduledTask) -> None:
    schedule.reschedule(row, "30 4 * * 1")
    schedule.reschedule(row, "")
    assert row.cron == "0 2 * * *"


@pytest.mark.parametrize("line", ["tomorrow", "* * * *", "61 * * * *", "* * * * * *"])
def test_a_time_that_is_none_is_refused(row: ScheduledTask, line: str) -> None:
    with pytest.raises(InvalidInput):
        schedule.reschedule(row, line)


def test_a_task_that_the_code_no_longer_has_leaves_the_table(session: Session, row: ScheduledTask) -> None:
    del PERIODIC["tests.nightly"]
    try:
        schedule.store_defaults(session)
        with pytest.raises(NotFound):
            schedule.get_scheduled(session, "tests.nightly")
    finally:
        PERIODIC["tests.nightly"] = Periodic(task=nightly, cron="0 2 * * *")
