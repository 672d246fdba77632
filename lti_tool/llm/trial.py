"""One harmless question to each configured model, asked as the features ask it: an administrator sees what answers.

The calls go through the same door as every other: switches, cost cap and breaker hold, and the usage table names them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.db import transaction
from lti_tool.errors import ToolError
from lti_tool.llm.chat import ChatModel, Delta, Message, MessageRole
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.provider import Provider, find_provider
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.llm.structured import StrictSchema
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature

PURPOSE = "trial"
WORDS = 2000
"""Room for models that think before they answer, in tokens."""
QUESTION = [Message(role=MessageRole.USER, content='Answer with the single word "ready".')]
FORM = [Message(role=MessageRole.USER, content='Answer in JSON: the field "word" holds the single word "ready".')]
TEXTS = ["The median is the middle value.", "Plants make sugar from light."]


class TrialKind(StrEnum):
    """What is asked for: a growing answer (the tutor), one in a given form (drafts of marks), vectors (search)."""

    STREAMED = "streamed"
    STRUCTURED = "structured"
    VECTORS = "vectors"


class Ready(StrictSchema):
    """The given form."""

    word: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What an answer shows: milliseconds until its first words, numbers a vector."""

    first_ms: int | None = None
    dimensions: int | None = None


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How one of them ended, after `total_ms`; `model` is empty where none is set up, and nothing was asked."""

    kind: TrialKind
    model: str
    error: ToolError | None = None
    total_ms: int = 0
    figures: Figures = Figures()


def configured(door: Door) -> Provider | None:
    """The server of the site's settings."""
    with transaction(door.engine) as session:
        return find_provider(snapshot(session), door.secrets)


def try_models(door: Door) -> list[Trial]:
    """Ask each in turn; a failure is told and stops no other."""
    provider = configured(door)
    chat, embeddings = (provider.chat_model, provider.embedding_model) if provider else ("", "")
    return [
        _tried(TrialKind.STREAMED, chat, lambda: _stream(door)),
        _tried(TrialKind.STRUCTURED, chat, lambda: _fill_in(door)),
        _tried(TrialKind.VECTORS, embeddings, lambda: _embed(door, embeddings)),
    ]


def _tried(kind: TrialKind, model: str, ask: Callable[[], Figures]) -> Trial:
    if not model:
        return Trial(kind=kind, model="")
    started = time.monotonic()
    try:
        found = ask()
    except ToolError as error:
        return Trial(kind=kind, model=model, error=error, total_ms=_since(started))
    return Trial(kind=kind, model=model, total_ms=_since(started), figures=found)


def _stream(door: Door) -> Figures:
    started, first = time.monotonic(), None
    for piece in ChatModel(door, _caller(Feature.TUTOR)).stream(QUESTION, max_tokens=WORDS):
        if isinstance(piece, Delta) and first is None:
            first = _since(started)
    return Figures(first_ms=first)


def _fill_in(door: Door) -> Figures:
    ChatModel(door, _caller(Feature.GRADING_PROPOSALS)).structured(FORM, Ready, max_tokens=WORDS)
    return Figures()


def _embed(door: Door, model: str) -> Figures:
    vectors = EmbeddingModel(door, _caller(Feature.EMBEDDINGS), name=model).embed(TEXTS)
    return Figures(dimensions=len(vectors[0]))


def _caller(feature: Feature) -> Caller:
    return Caller(feature=feature, purpose=PURPOSE, course_id=None, identities=Identities())


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
