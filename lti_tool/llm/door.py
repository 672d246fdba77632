"""The frame around every call to a model: may it be made, and how did it go (R26, R139, R157-R159, R169, R175).

The switch, the server and the breaker are read here, immediately before the call goes out, in a transaction of their
own; a second one records the outcome. No connection to the database is held while a model answers.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.errors import ModelFailed, ToolError
from lti_tool.llm.breaker import Admission, admit, record_failure, record_nothing, record_success
from lti_tool.llm.models import LlmCall, Outcome
from lti_tool.llm.provider import Provider, find_provider
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.llm.spending import require_within_cap
from lti_tool.llm.usage import Usage, cost_micros
from lti_tool.llm.wire import Connect, Line, Pause, guarded_connections
from lti_tool.secrets import Secrets
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import Feature, require_on_in

log = logging.getLogger(__name__)

SERVER_AT_FAULT = frozenset(
    {
        "answer_broken_off",
        "provider_busy",
        "provider_error",
        "provider_key_refused",
        "provider_timeout",
        "provider_unreachable",
    }
)
"""What the breaker counts; a refused question or an unreadable answer says nothing about the server."""


MODELS = {"chat": "chat_model", "embeddings": "embedding_model", "transcriptions": "transcription_model"}
"""The kinds of call, and which of the provider's models each asks."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """On whose behalf a call is made, under which switch (`also`: and which other one), and whom it must not name."""

    feature: Feature
    purpose: str
    course_id: int | None
    identities: Identities
    person_id: int | None = None
    also: Feature | None = None


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a call needs from the process."""

    engine: Engine
    secrets: Secrets
    connect: Connect = guarded_connections
    pause: Pause = time.sleep


@dataclass(kw_only=True)
class OpenCall:
    """A call under way; whoever makes it fills in what it used."""

    line: Line
    settings: Snapshot
    admission: Admission
    model: str
    started: float = field(default_factory=time.monotonic)
    first_token_ms: int | None = None
    usage: Usage = field(default_factory=lambda: Usage(prompt_tokens=0, completion_tokens=0))

    @property
    def provider(self) -> Provider:
        return self.line.provider

    def mark_first_token(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


@contextmanager
def model_call(door: Door, caller: Caller, *, kind: str) -> Iterator[OpenCall]:
    """Open a call of a kind (see MODELS) and record its end, also when the caller gives up half-way.

    Before anything is sent: NotAllowed (`feature_off`, `cost_cap`) or ModelFailed (`circuit_open`, `not_configured`).
    """
    call = _open(door, caller, kind)
    try:
        yield call
    except ToolError as error:
        _close(door, caller, call, Outcome.FAILED, error.code)
        raise
    except GeneratorExit:
        # The consumer closed the stream: a person left or pressed stop.
        _close(door, caller, call, Outcome.CANCELLED)
        raise
    except BaseException:
        _close(door, caller, call, Outcome.FAILED, "defect")
        raise
    else:
        _close(door, caller, call, Outcome.SUCCEEDED)


def _open(door: Door, caller: Caller, kind: str) -> OpenCall:
    with transaction(door.engine) as session:
        settings = snapshot(session, caller.course_id)
        require_on_in(settings, caller.feature)
        require_on_in(settings, caller.also or caller.feature)
        require_within_cap(session, settings, caller.course_id)
        provider = find_provider(settings, door.secrets)
        model = getattr(provider, MODELS[kind], "")
        if provider is None or not model:
            raise ModelFailed("not_configured", "No language model is configured.")
        admission = admit(session, settings, f"{kind} {provider.host}")
        line = Line(provider=provider, connect=door.connect, pause=door.pause)
        return OpenCall(line=line, settings=settings, admission=admission, model=model)


def _close(door: Door, caller: Caller, call: OpenCall, outcome: Outcome, error_code: str | None = None) -> None:
    log.info("model call ended", extra={"purpose": caller.purpose, "outcome": outcome, "code": error_code})
    row = LlmCall(
        course_id=caller.course_id,
        person_id=caller.person_id,
        feature=caller.feature,
        purpose=caller.purpose,
        model=call.model,
        prompt_tokens=call.usage.prompt_tokens,
        completion_tokens=call.usage.completion_tokens,
        is_estimated=call.usage.is_estimated,
        cost_micros=cost_micros(call.settings, call.usage),
        first_token_ms=call.first_token_ms,
        duration_ms=call.elapsed_ms,
        outcome=outcome,
        error_code=error_code,
    )
    with transaction(door.engine) as session:
        session.add(row)
        if error_code in SERVER_AT_FAULT:
            record_failure(session, call.admission)
        elif outcome is Outcome.SUCCEEDED or call.first_token_ms is not None:
            record_success(session, call.admission)
        else:
            record_nothing(session, call.admission)
