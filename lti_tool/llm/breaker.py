"""The circuit breaker (R157-R159, R169): its state is a row, so all nodes pause together and one call probes for all.

Each step is one UPDATE whose WHERE holds the state it starts from; two nodes cannot both take it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.errors import ModelFailed
from lti_tool.llm.models import BreakerState, CircuitBreaker
from lti_tool.site_settings.catalogue import BREAKER_COOLDOWN, BREAKER_ENABLED, BREAKER_THRESHOLD
from lti_tool.site_settings.store import Snapshot

PROBE_LEASE = timedelta(minutes=15)
"""A probe whose node died is forgotten after this; longer than any call may last."""


# Built once, for every call that went well asks it.
SUCCEEDED = (
    update(CircuitBreaker)
    .where(
        CircuitBreaker.key == bindparam("succeeded"),
        CircuitBreaker.state == bindparam("from"),
        (CircuitBreaker.failures > 0) | bindparam("is_probe", type_=Boolean),
    )
    .values(state=BreakerState.CLOSED, failures=0, opened_at=None, probed_at=None, changed_at=func.clock_timestamp())
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Leave to make one call, with what is needed to report how it went; `key` is None without a breaker."""

    key: str | None
    threshold: int
    is_probe: bool = False


def admit(session: Session, settings: Snapshot, key: str) -> Admission:
    """Let a call pass, or raise ModelFailed (`circuit_open`); after the pause exactly one call passes, the probe."""
    threshold = settings.read(BREAKER_THRESHOLD)
    if not settings.read(BREAKER_ENABLED):
        return Admission(key=None, threshold=threshold)
    breaker = session.get(CircuitBreaker, key, populate_existing=True)
    if breaker is None or breaker.state == BreakerState.CLOSED:
        return Admission(key=key, threshold=threshold)
    if not _take_probe(session, key, timedelta(minutes=settings.read(BREAKER_COOLDOWN))):
        raise ModelFailed("circuit_open", "The language model is paused after several failures. Try again in a while.")
    return Admission(key=key, threshold=threshold, is_probe=True)


def record_success(session: Session, admission: Admission) -> None:
    """The failures in a row are over; a probe ends the pause. A late success of an older call does not."""
    if admission.key is None:
        return
    started_from = BreakerState.HALF_OPEN if admission.is_probe else BreakerState.CLOSED
    session.execute(SUCCEEDED, {"succeeded": admission.key, "from": started_from, "is_probe": admission.is_probe})


def record_failure(session: Session, admission: Admission) -> None:
    """One more failure in a row; at the threshold, or when the probe fails, the pause begins."""
    if admission.key is None:
        return
    session.execute(insert(CircuitBreaker).values(key=admission.key).on_conflict_do_nothing())
    if admission.is_probe:
        _change(session, admission.key, _is(BreakerState.HALF_OPEN), **_opened())
        return
    is_last = CircuitBreaker.failures + 1 >= admission.threshold
    _change(
        session,
        admission.key,
        _is(BreakerState.CLOSED),
        failures=CircuitBreaker.failures + 1,
        state=case((is_last, BreakerState.OPEN), else_=BreakerState.CLOSED),
        opened_at=case((is_last, func.clock_timestamp()), else_=None),
    )


def record_nothing(session: Session, admission: Admission) -> None:
    """A probe that was given up tells nothing: the next call may probe at once."""
    if admission.key is not None and admission.is_probe:
        long_ago = func.clock_timestamp() - timedelta(days=30)
        _change(session, admission.key, _is(BreakerState.HALF_OPEN), **(_opened() | {"opened_at": long_ago}))


def _take_probe(session: Session, key: str, cooldown: timedelta) -> bool:
    pause_over = CircuitBreaker.opened_at <= func.clock_timestamp() - cooldown
    probe_lost = CircuitBreaker.probed_at <= func.clock_timestamp() - PROBE_LEASE
    may_probe = (_is(BreakerState.OPEN) & pause_over) | (_is(BreakerState.HALF_OPEN) & probe_lost)
    return _change(session, key, may_probe, state=BreakerState.HALF_OPEN, probed_at=func.clock_timestamp())


def _opened() -> dict[str, Any]:
    return {"state": BreakerState.OPEN, "opened_at": func.clock_timestamp(), "probed_at": None}


def _is(state: BreakerState) -> ColumnElement[bool]:
    return CircuitBreaker.state == state


def _change(session: Session, key: str, condition: ColumnElement[bool], **values: Any) -> bool:
    """Whether this call made the step."""
    found = session.execute(
        update(CircuitBreaker)
        .where(CircuitBreaker.key == key, condition)
        .values(**values, changed_at=func.clock_timestamp())
        .returning(CircuitBreaker.key)
        .execution_options(synchronize_session=False)
    )
    return found.one_or_none() is not None
