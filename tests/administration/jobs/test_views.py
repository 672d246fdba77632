"""The jobs page shows what waits and gave up, and changes it for administrators alone."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.jobs import failures, schedule
from lti_tool.jobs.models import ScheduledTask
from lti_tool.jobs.registry import periodic, task
from lti_tool.runtime import Runtime


@periodic("0 2 * * *")
@task("tests.sweep", queue="sweeping")
def sweep(runtime: Runtime) -> None:
    """Do nothing."""


@pytest.fixture
def row(session: Session) -> ScheduledTask:
    schedule.store_defaults(session)
    return schedule.get_scheduled(session, "tests.sweep")


@pytest.fixture
def dead(session: Session) -> int:
    job = sweep.enqueue(session)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed', attempts = 8"))
    failures.record_failure(session, job, 8, "platform_silent: The platform did not answer.")
    session.flush()
    return job


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_page_shows_queues_schedule_and_dead_letters(enter: Any, row: ScheduledTask, dead: int) -> None:
    words = enter("administrator").page("site/jobs/").get_text()
    assert "sweeping" in words and "tests.sweep" in words and "The platform did not answer." in words


def test_the_page_makes_sense_before_any_worker_has_run(enter: Any) -> None:
    assert "No worker runs." in enter("administrator").page("site/jobs/").get_text()


@pytest.mark.parametrize("name", ["teacher", "student", "outsider"])
def test_only_administrators_see_jobs(enter: Any, name: str) -> None:
    assert enter(name).get("site/jobs/").status_code == 403


@pytest.mark.parametrize("name", ["teacher", "student", "outsider"])
def test_only_administrators_change_jobs(enter: Any, session: Session, dead: int, name: str) -> None:
    assert enter(name).post(f"site/jobs/failed/{dead}/discard").status_code == 403
    assert len(failures.dead_letters(session)) == 1


def test_a_dead_letter_is_tried_again(enter: Any, session: Session, dead: int) -> None:
    browser = enter("administrator")
    page = browser.follow(browser.post(f"site/jobs/failed/{dead}/retry"))
    assert "waits again" in page.get_text() and failures.dead_letters(session) == []
    assert actions(session) == ["job.retried"]


def test_a_dead_letter_is_discarded(enter: Any, session: Session, dead: int) -> None:
    enter("administrator").post(f"site/jobs/failed/{dead}/discard")
    assert failures.dead_letters(session) == [] and actions(session) == ["job.discarded"]


def test_a_task_is_run_now(enter: Any, session: Session, row: ScheduledTask) -> None:
    enter("administrator").post("site/jobs/schedule/tests.sweep/run")
    assert "tests.sweep" in schedule.queue_due(session)


def test_a_task_gets_another_time(enter: Any, session: Session, row: ScheduledTask) -> None:
    enter("administrator").post("site/jobs/schedule/tests.sweep/time", {"cron": "15 3 * * *"})
    assert schedule.get_scheduled(session, "tests.sweep").cron == "15 3 * * *"
    assert actions(session) == ["task.rescheduled"]


def test_a_time_that_is_none_changes_nothing(enter: Any, session: Session, row: ScheduledTask) -> None:
    answer = enter("administrator").post("site/jobs/schedule/tests.sweep/time", {"cron": "soon"})
    assert answer.status_code == 400 and schedule.get_scheduled(session, "tests.sweep").cron == "0 2 * * *"


@pytest.mark.parametrize(("form", "enabled"), [({"enabled": "yes"}, True), ({"enabled": "no"}, False), ({}, False)])
def test_a_task_is_switched(
    enter: Any, session: Session, row: ScheduledTask, form: dict[str, str], enabled: bool
) -> None:
    enter("administrator").post("site/jobs/schedule/tests.sweep/switch", form)
    assert schedule.get_scheduled(session, "tests.sweep").is_enabled is enabled


def test_an_unknown_task_is_not_found(enter: Any) -> None:
    assert enter("administrator").post("site/jobs/schedule/no.such/run").status_code == 404
