"""The server-sent events of a streamed chat, read raw: an object per event would cost three times the time.

One batch is what one read of the connection brought; tokens that arrived while nobody read come together.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from lti_tool.errors import ModelFailed, PlatformFailed
from lti_tool.llm.letters import Letters
from lti_tool.llm.usage import Usage
from lti_tool.llm.wire import content_filtered

PREFIX = b"data:"
LAST = b"[DONE]"
decoded = json.JSONDecoder().decode


@dataclass(kw_only=True)
class Batch:
    """The text of one read, and what ended with it."""

    text: str = ""
    usage: Usage | None = None
    is_finished: bool = False
    is_filtered: bool = False


def batches(response: requests.Response, pause: Callable[[], None]) -> Iterator[Batch]:
    """Batches until the stream's own end, `pause` between two; raises ModelFailed (`answer_broken_off`) if cut off."""
    finished, letters = False, Letters()
    for lines in _lines(response):
        batch = Batch()
        for line in lines:
            if line.startswith(PREFIX):
                _add(batch, line[len(PREFIX) :].strip())
        finished = finished or batch.is_finished
        batch.text = letters.feed(batch.text)
        yield batch
        if not finished:
            pause()
    if not finished:
        raise _broken_off()


def _lines(response: requests.Response) -> Iterator[list[bytes]]:
    pending = b""
    try:
        for piece in response.iter_content():
            lines = (pending + piece).split(b"\n")
            pending = lines.pop()
            if lines:
                yield lines
    except PlatformFailed as error:
        if error.code == "platform_timeout":
            raise ModelFailed("provider_timeout") from error
        raise _broken_off() from error
    if pending:
        yield [pending]


def _add(batch: Batch, content: bytes) -> None:
    if content == LAST:
        batch.is_finished = True
        return
    event = _parsed(content)
    for choice in event.get("choices") or ():
        batch.text += (choice.get("delta") or {}).get("content") or ""
        reason = choice.get("finish_reason")
        batch.is_finished = batch.is_finished or reason is not None
        batch.is_filtered = batch.is_filtered or reason == "content_filter"
    if event.get("usage"):
        batch.usage = _usage(event["usage"])


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        # What json.loads adds, guessing the encoding, takes longer than reading an event.
        event = decoded(content.decode())
    except ValueError as error:
        raise ModelFailed("provider_error") from error
    if not isinstance(event, dict) or event.get("error"):
        is_filter = isinstance(event, dict) and "content_filter" in str(event["error"])
        raise content_filtered() if is_filter else ModelFailed("provider_error")
    return event


def _usage(counts: dict[str, Any]) -> Usage:
    return Usage(
        prompt_tokens=int(counts.get("prompt_tokens") or 0), completion_tokens=int(counts.get("completion_tokens") or 0)
    )


def _broken_off() -> ModelFailed:
    return ModelFailed("answer_broken_off", "The answer broke off. Please try again.")
