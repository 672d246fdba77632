"""The breaker opens after failures in a row, lets one probe through, and all nodes agree."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.errors import ModelFailed
from lti_tool.llm.breaker import Admission, admit, record_failure, record_nothing, record_success
from lti_tool.llm.chat import ChatModel
from lti_tool.llm.models import BreakerState, CircuitBreaker
from lti_tool.site_settings.catalogue import BREAKER_ENABLED
from lti_tool.site_settings.store import snapshot, write
from tests.fakes.model_server import ModelServer, Reply
from tests.llm.conftest import QUESTION

KEY = "chat models.example"


def enter(session: Session) -> Admission:
    return admit(session, snapshot(session), KEY)


def fail(session: Session, times: int = 1) -> None:
    for _ in range(times):
        record_failure(session, enter(session))


def pause_is_over(session: Session) -> None:
    session.execute(update(CircuitBreaker).values(opened_at=now() - timedelta(minutes=6)))


def state(session: Session) -> str:
    return session.scalars(select(CircuitBreaker.state)).one()


def test_it_opens_at_the_third_failure_in_a_row(session: Session) -> None:
    fail(session, 2)
    enter(session)
    fail(session)
    with pytest.raises(ModelFailed, match="circuit_open"):
        enter(session)


def test_a_success_in_between_starts_the_count_again(session: Session) -> None:
    fail(session, 2)
    record_success(session, enter(session))
    fail(session, 2)
    enter(session)


def test_after_the_pause_one_call_probes_and_the_others_wait(session: Session) -> None:
    fail(session, 3)
    pause_is_over(session)
    assert enter(session).is_probe
    with pytest.raises(ModelFailed, match="circuit_open"):
        enter(session)


def test_a_probe_that_succeeds_closes_it(session: Session) -> None:
    fail(session, 3)
    pause_is_over(session)
    record_success(session, enter(session))
    assert not enter(session).is_probe and state(session) == BreakerState.CLOSED


def test_a_probe_that_fails_begins_the_pause_again(session: Session) -> None:
    fail(session, 3)
    pause_is_over(session)
    record_failure(session, enter(session))
    with pytest.raises(ModelFailed, match="circuit_open"):
        enter(session)


def test_a_probe_that_was_given_up_lets_the_next_call_probe(session: Session) -> None:
    fail(session, 3)
    pause_is_over(session)
    record_nothing(session, enter(session))
    assert enter(session).is_probe


def test_a_probe_whose_node_died_is_forgotten(session: Session) -> None:
    fail(session, 3)
    pause_is_over(session)
    enter(session)
    session.execute(update(CircuitBreaker).values(probed_at=now() - timedelta(minutes=16)))
    assert enter(session).is_probe


def test_a_late_success_of_an_older_call_does_not_end_the_pause(session: Session) -> None:
    older = enter(session)
    fail(session, 3)
    record_success(session, older)
    assert state(session) == BreakerState.OPEN


def test_switched_off_it_never_opens(session: Session) -> None:
    write(session, BREAKER_ENABLED, False)
    fail(session, 10)
    enter(session)


def test_the_table_refuses_an_open_breaker_without_its_time(session: Session) -> None:
    session.add(CircuitBreaker(key=KEY, state=BreakerState.OPEN, failures=3))
    with pytest.raises(IntegrityError, match="opened_at"):
        session.flush()


def test_two_nodes_pause_together_and_only_one_probes(committed_engine: Engine) -> None:
    with transaction(committed_engine) as here:
        fail(here, 3)
    with transaction(committed_engine) as there:
        with pytest.raises(ModelFailed, match="circuit_open"):
            enter(there)
        pause_is_over(there)
    with transaction(committed_engine) as here:
        assert enter(here).is_probe
    with transaction(committed_engine) as there, pytest.raises(ModelFailed, match="circuit_open"):
        enter(there)


def test_an_open_breaker_keeps_calls_from_the_server(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(*[Reply(status=501)] * 3)
    for expected in ("provider_error", "provider_error", "provider_error", "circuit_open"):
        with pytest.raises(ModelFailed, match=expected):
            list(chat.stream(QUESTION))
    assert len(configured.requests) == 3


def test_a_refused_question_says_nothing_about_the_server(chat: ChatModel, configured: ModelServer) -> None:
    configured.reply(*[Reply(status=400, error={"message": "too long"})] * 4)
    for _ in range(4):
        with pytest.raises(ModelFailed, match="provider_refused"):
            list(chat.stream(QUESTION))
