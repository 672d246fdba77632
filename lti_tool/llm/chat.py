"""The ChatModel: a streamed answer as text with its usage, or a structured answer that fits a schema.

Whoever it calls for stays hidden: identities are replaced on the way out and restored on the way in, here, so that no
caller can forget it.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

import requests
from pydantic import BaseModel

from lti_tool.db import transaction
from lti_tool.llm import dialect
from lti_tool.llm.door import Caller, Door, OpenCall, model_call
from lti_tool.llm.events import batches
from lti_tool.llm.provider import find_provider
from lti_tool.llm.pseudonymiser import Mask, StreamRestorer
from lti_tool.llm.structured import structured_answer
from lti_tool.llm.tokens import learn
from lti_tool.llm.usage import Usage, cost_micros, estimated_usage, written_in
from lti_tool.llm.wire import content_filtered, post
from lti_tool.site_settings.catalogue import MAX_TOKENS, TEMPERATURE
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import is_on_in

Schema = TypeVar("Schema", bound=BaseModel)


class MessageRole(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture for a model that sees; `content` is in base64. Nobody can hide a name that it shows."""

    media_type: str
    content: str

    @property
    def part(self) -> dict[str, Any]:
        """As the protocol carries it."""
        return {"type": "image_url", "image_url": {"url": f"data:{self.media_type};base64,{self.content}"}}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of the prompt."""

    role: MessageRole
    content: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Delta:
    """A further piece of the answer."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Structured(Generic[Schema]):
    """An answer that fits its schema, what it cost, and the messages as they left the house."""

    value: Schema
    usage: Usage
    cost_micros: int
    sent: Sequence[Mapping[str, Any]]


def without_pause() -> None:
    """Read on at once."""


class ChatModel:
    """The configured chat model on behalf of one caller."""

    def __init__(self, door: Door, caller: Caller) -> None:
        self.door, self.caller = door, caller

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int | None = None,
        temperature: Decimal | None = None,
        pause: Callable[[], None] = without_pause,
    ) -> Generator[Delta | Usage, None, None]:
        """Deltas, then the usage; closing the iterator hangs up on the server. `pause` may let words gather.

        Raises NotAllowed (`feature_off`) or ModelFailed: `not_configured`, `circuit_open`, `content_filter`,
        `answer_broken_off`, or `provider_` busy, error, key_refused, not_allowed, refused, timeout, unreachable.
        """
        mask = Mask(self.caller.identities)
        hidden = hidden_messages(messages, mask)
        with model_call(self.door, self.caller, kind="chat") as call:
            request = _request(call, hidden, max_tokens, temperature)
            response = _open_stream(call, request)
            try:
                yield from _read(call, response, mask, hidden, pause)
            finally:
                response.close()

    def structured(self, messages: Sequence[Message], schema: type[Schema], *, max_tokens: int | None = None) -> Schema:
        """An answer of that schema; raises as `stream` does, and ModelFailed (`answer_unreadable`)."""
        return self.structured_with_usage(messages, schema, max_tokens=max_tokens).value

    def structured_with_usage(
        self, messages: Sequence[Message], schema: type[Schema], *, max_tokens: int | None = None
    ) -> Structured[Schema]:
        """The same, for a caller that keeps what it cost and what was sent."""
        mask = Mask(self.caller.identities)
        hidden = hidden_messages(messages, mask)
        with model_call(self.door, self.caller, kind="chat") as call:
            value = structured_answer(call, _request(call, hidden, max_tokens, Decimal(0)), schema, mask)
        usage = replace(call.usage, model=call.model)
        return Structured(value=value, usage=usage, cost_micros=cost_micros(call.settings, usage), sent=hidden)


def chat_model(door: Door, caller: Caller) -> ChatModel | None:
    """The chat model, or None when none is configured or the caller's feature is off; a call asks both again."""
    with transaction(door.engine) as session:
        settings = snapshot(session, caller.course_id)
    return chat_model_in(settings, door, caller)


def chat_model_in(settings: Snapshot, door: Door, caller: Caller) -> ChatModel | None:
    """The same for a caller that has read the settings already."""
    provider = find_provider(settings, door.secrets)
    is_available = provider is not None and provider.chat_model and is_on_in(settings, caller.feature)
    return ChatModel(door, caller) if is_available else None


def _open_stream(call: OpenCall, request: dict[str, Any]) -> requests.Response:
    streamed = request | {"stream": True, "stream_options": {"include_usage": True}}
    return dialect.ask(
        call.provider,
        call.model,
        streamed,
        lambda adapted: post(call.line, call.provider.chat_url, adapted, stream=True),
    )


def hidden_messages(messages: Sequence[Message], mask: Mask) -> list[dict[str, Any]]:
    """The messages as they may leave the house."""
    return [{"role": message.role, "content": _content(message, mask.hide(message.content))} for message in messages]


def _content(message: Message, hidden: str) -> str | list[dict[str, Any]]:
    """Plain text stays a string: many servers know nothing else."""
    if not message.images:
        return hidden
    return [{"type": "text", "text": hidden}, *(image.part for image in message.images)]


def _request(
    call: OpenCall, messages: list[dict[str, Any]], max_tokens: int | None, temperature: Decimal | None
) -> dict[str, Any]:
    return {
        "model": call.model,
        "messages": messages,
        "max_tokens": max_tokens or call.settings.read(MAX_TOKENS),
        "temperature": float(call.settings.read(TEMPERATURE) if temperature is None else temperature),
    }


def _read(
    call: OpenCall, response: requests.Response, mask: Mask, sent: list[dict[str, Any]], pause: Callable[[], None]
) -> Iterator[Delta | Usage]:
    restorer = StreamRestorer(mask)
    received: list[str] = []
    counted: Usage | None = None
    try:
        for batch in batches(response, pause):
            received.append(batch.text)
            counted = batch.usage or counted
            if text := restorer.feed(batch.text):
                call.mark_first_token()
                yield Delta(text=text)
            if batch.is_filtered:
                raise content_filtered()
        if rest := restorer.rest():
            yield Delta(text=rest)
    finally:
        # What a picture costs says nothing about text.
        if counted and all(isinstance(message["content"], str) for message in sent):
            learn(call.model, written_in(sent), counted.prompt_tokens)
        # Also when the answer was cut short: what was used is paid for.
        call.usage = counted or estimated_usage("".join(written_in(sent)), "".join(received))
    yield replace(call.usage, model=call.model)
