"""Requests to a model server: guarded, with its refusals named, tried again only before anything was answered.

A wait that the server asks for is kept short: the person who asked is told to come back rather than left hanging.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx2
import requests

from lti_tool.errors import InvalidInput, ModelFailed, PlatformFailed, ToolError
from lti_tool.llm.provider import Provider
from lti_tool.outbound import DEADLINE_FACTOR, AddressRule, GuardedSession

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60
LONGEST_ANSWER = 600
MAX_ANSWER_BYTES = 32 * 1024 * 1024
KEPT_OPEN = 512  # as many as a node has streams
ATTEMPTS = 3
LONGEST_WAIT = 5.0

BUSY = 429
KEY_REFUSED = frozenset({401, 403})
TRY_AGAIN = frozenset({408, 409, 425, BUSY, 500, 502, 503, 504})

Pause = Callable[[float], None]


Connect = Callable[[AddressRule], requests.Session]


@lru_cache(maxsize=16)
def guarded_connections(rule: AddressRule) -> requests.Session:
    """Connections are kept open between calls; another list of allowed hosts starts afresh."""
    timeout = LONGEST_ANSWER / DEADLINE_FACTOR
    return GuardedSession(rule=rule, max_bytes=MAX_ANSWER_BYTES, timeout=timeout, kept_open=KEPT_OPEN)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A way to one model server."""

    provider: Provider
    connect: Connect = guarded_connections
    pause: Pause = time.sleep


class UnknownOption(ModelFailed):
    """The model server did not accept the request."""

    def __init__(self, said: str) -> None:
        # Not among the details: a server may quote the question, and details are logged.
        self.said = said
        super().__init__("provider_refused")


def post(line: Line, url: str, content: Mapping[str, Any], *, stream: bool = False) -> requests.Response:
    """The successful response; raises ModelFailed with a code of `_refusal`."""
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = line.provider.headers | {"Content-Type": "application/json"}
    if stream:
        # Compressed, words would wait for one another.
        headers["Accept-Encoding"] = "identity"
    return send(line, "POST", url, payload, headers, stream=stream)


def send(
    line: Line, method: str, url: str, payload: bytes, headers: Mapping[str, str], *, stream: bool = False
) -> requests.Response:
    """One request with bounded attempts."""
    session = line.connect(line.provider.address_rule)
    for attempt in range(1, ATTEMPTS + 1):
        with named_failures():
            response = session.request(
                method,
                url,
                data=payload,
                headers=headers,
                stream=stream,
                allow_redirects=False,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            )
        if response.status_code < 300:
            return response
        wait = _wait(response, attempt)
        if wait is None:
            raise _refusal(response)
        response.close()
        line.pause(wait)
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def named_failures() -> Iterator[None]:
    """Failures of the network under the names of this package."""
    try:
        yield
    except PlatformFailed as error:
        code = {"platform_timeout": "provider_timeout", "answer_too_large": "provider_error"}.get(error.code)
        raise ModelFailed(code or "provider_unreachable") from error
    except InvalidInput as error:
        raise ModelFailed(
            "provider_not_allowed",
            "The model server's address is not allowed. An administrator can name its host under “Allowed hosts”.",
        ) from error


class ModelTransport(httpx2.BaseTransport):
    """Lets the openai client go through the same guarded door."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {key: value for key, value in request.headers.items() if key not in {"host", "content-length"}}
        response = send(self.line, request.method, str(request.url), request.read(), headers)
        kind = {"Content-Type": response.headers.get("Content-Type", "application/json")}
        with named_failures():
            return httpx2.Response(response.status_code, headers=kind, content=response.content)


def _wait(response: requests.Response, attempt: int) -> float | None:
    """Seconds to wait before the next attempt; None when there must be none."""
    if response.status_code not in TRY_AGAIN or attempt == ATTEMPTS:
        return None
    asked = response.headers.get("Retry-After", "")
    wait = float(asked) if asked.isdecimal() else 0.5 * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
    return wait if wait <= LONGEST_WAIT else None


def _refusal(response: requests.Response) -> ToolError:
    """What a status other than success means, by code; nothing the server wrote is shown or logged."""
    with named_failures():
        said = response.text[:4000]
    status = response.status_code
    if "content_filter" in said or "ResponsibleAIPolicyViolation" in said:
        return content_filtered()
    if status in KEY_REFUSED:
        return ModelFailed("provider_key_refused", "The model server refused our key.", status=status)
    if status == BUSY:
        return ModelFailed("provider_busy", "The language model is busy. Try again in a minute.", status=status)
    if status in {400, 422}:
        return UnknownOption(said)
    return ModelFailed("provider_error", status=status)


def content_filtered() -> ModelFailed:
    """The provider's own filter stopped the question or the answer: said as it is (R181)."""
    return ModelFailed(
        "content_filter", "The language model's provider refused this question or its answer for its content."
    )
