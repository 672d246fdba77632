"""Each check says what is wrong and what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.administration.doctor import checks
from lti_tool.administration.doctor.checks import Verdict
from lti_tool.administration.doctor.platforms import clock_check
from lti_tool.content.extraction.recognition import is_installed
from lti_tool.db import now
from lti_tool.files.models import StoredFile
from lti_tool.jobs.registry import task
from lti_tool.llm.models import BreakerState, CircuitBreaker, LlmCall, Outcome
from lti_tool.mail.models import Letter
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT, ENABLED, ENDPOINT, PROVIDER_KIND
from lti_tool.site_settings.mail import MAIL_FROM, MAIL_HOST
from lti_tool.site_settings.patterns import ProviderKind
from lti_tool.site_settings.store import write
from tests.fixtures.people import House


@task("tests.examined")
def examined(runtime: Runtime) -> None:
    """Do nothing."""


@pytest.fixture
def with_model(session: Session) -> Session:
    write(session, ENABLED, True)
    write(session, ENDPOINT, "https://model.example/v1")
    write(session, CHAT_DEPLOYMENT, "small")
    return session


def test_the_database_is_named_with_its_versions(session: Session) -> None:
    check = checks.database_check(session)
    assert check.verdict is Verdict.OK and set(check.values) == {"server", "vector"}


def test_missing_migrations_are_found(session: Session) -> None:
    assert checks.migrations_check(session).verdict is Verdict.OK
    session.execute(text("DELETE FROM alembic_version"))
    assert checks.migrations_check(session).verdict is Verdict.FAILED


def test_clocks_that_agree_are_in_order(session: Session) -> None:
    assert checks.clock_check(session).verdict is Verdict.OK


def test_this_machine_can_make_pdfs() -> None:
    assert checks.drawing_check().verdict is Verdict.OK


def test_a_missing_worker_is_found(session: Session) -> None:
    assert checks.worker_check(session).verdict is Verdict.FAILED


@pytest.mark.parametrize(("age", "verdict"), [("1 second", Verdict.OK), ("2 minutes", Verdict.FAILED)])
def test_a_worker_lives_while_its_heart_beats(session: Session, age: str, verdict: Verdict) -> None:
    session.execute(text(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '{age}')"))
    assert checks.worker_check(session).verdict is verdict


def test_a_long_wait_is_a_warning(session: Session) -> None:
    examined.enqueue(session)
    assert checks.queue_check(session).verdict is Verdict.OK
    session.execute(text("UPDATE procrastinate_events SET at = now() - interval '10 minutes'"))
    assert checks.queue_check(session).verdict is Verdict.WARNING


def test_jobs_that_gave_up_are_counted(session: Session) -> None:
    examined.enqueue(session)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    assert checks.dead_letter_check(session).values == {"count": 1}


def test_a_key_file_that_others_can_read_is_named(runtime: Runtime, session: Session, tmp_path: Path) -> None:
    (tmp_path / "app.key").write_text("x")
    (tmp_path / "app.key").chmod(0o644)
    open_house = replace(runtime, settings=replace(runtime.settings, keys_dir=tmp_path))
    files, signing = checks.key_checks(open_house, session)
    assert files.verdict is Verdict.FAILED and files.values == {"files": "app.key"}
    assert signing.verdict is Verdict.OK


def test_reading_scans_is_in_order_only_with_everything_that_reads() -> None:
    assert checks.scan_check().verdict is (Verdict.OK if is_installed() else Verdict.NOTE)


def test_the_disk_is_measured_where_the_files_will_lie(tmp_path: Path) -> None:
    assert float(str(checks.disk_check(tmp_path / "not" / "made").values["free"])) > 0


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("https://tool.example", Verdict.OK),
        ("http://127.0.0.1:8000", Verdict.OK),
        ("http://tool.example", Verdict.FAILED),
    ],
)
def test_an_address_without_tls_is_found(runtime: Runtime, address: str, verdict: Verdict) -> None:
    house = replace(runtime, settings=replace(runtime.settings, public_url=address))
    assert checks.address_check(house).verdict is verdict


def test_a_silent_house_is_no_fault(session: Session) -> None:
    assert "switched off" in checks.model_check(session).message


def test_a_model_that_was_never_asked_is_said_so(with_model: Session) -> None:
    assert "not been asked" in checks.model_check(with_model).message


@pytest.mark.parametrize(
    ("kind", "said"), [(ProviderKind.OPENAI, "not been asked"), (ProviderKind.COMPATIBLE, "None is set up")]
)
def test_openais_address_may_be_left_empty(with_model: Session, kind: ProviderKind, said: str) -> None:
    write(with_model, ENDPOINT, "")
    write(with_model, PROVIDER_KIND, kind)
    assert said in checks.model_check(with_model).message


def test_a_model_that_answered_is_in_order(with_model: Session) -> None:
    call = LlmCall(feature="tutor", purpose="answer", model="small", duration_ms=1, outcome=Outcome.SUCCEEDED)
    with_model.add(call)
    assert checks.model_check(with_model).verdict is Verdict.OK


def test_a_model_whose_latest_call_failed_is_named(with_model: Session) -> None:
    call = {"feature": "tutor", "purpose": "answer", "model": "small", "duration_ms": 1}
    with_model.add(LlmCall(**call, outcome=Outcome.SUCCEEDED, created_at=now() - timedelta(hours=1)))
    with_model.add(LlmCall(**call, outcome=Outcome.FAILED, error_code="provider_timeout", created_at=now()))
    check = checks.model_check(with_model)
    assert (check.verdict, check.values["code"]) == (Verdict.WARNING, "provider_timeout")


def test_a_paused_model_is_broken(with_model: Session) -> None:
    with_model.add(CircuitBreaker(key="chat", state=BreakerState.OPEN, failures=3, opened_at=now()))
    assert checks.model_check(with_model).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("Sat, 21 Nov 2026 12:00:03 GMT", Verdict.OK),
        ("Sat, 21 Nov 2026 12:01:00 GMT", Verdict.WARNING),
        (None, Verdict.NOTE),
        ("noon", Verdict.NOTE),
    ],
)
def test_a_platform_with_another_clock_is_named(date: str | None, verdict: Verdict) -> None:
    moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert clock_check(date, "https://moodle.example", moment).verdict is verdict


def test_damaged_files_are_counted(session: Session) -> None:
    assert checks.file_check(session).verdict is Verdict.OK
    session.add(StoredFile(sha256="0" * 64, size=1, media_type="text/plain", name="a.txt", is_damaged=True))
    session.flush()
    check = checks.file_check(session)
    assert (check.verdict, check.values) == (Verdict.FAILED, {"count": 1})


@pytest.mark.parametrize("state", ["todo", "failed"])
def test_letters_that_do_not_leave_are_seen(session: Session, house: House, state: str) -> None:
    assert checks.mail_check(session).verdict is Verdict.NOTE
    write(session, MAIL_HOST, "smtp.example.org")
    write(session, MAIL_FROM, "lectern@example.org")
    assert checks.mail_check(session).verdict is Verdict.OK
    about = {"course_id": house.course.id, "person_id": house.student.id, "key": "k", "subject": "s", "body": ""}
    session.add(Letter(**about, state=state, reason="mail_put_off", next_try_at=now(), give_up_at=now()))
    session.flush()
    check = checks.mail_check(session)
    assert (check.verdict, check.values) == (Verdict.WARNING, {"reason": "mail_put_off"})
