"""What a model server turns out not to know: an option it refuses by name is left out or said another way.

What was learnt is kept by this process only, to save the refused attempt; another node learns it by itself.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from lti_tool.llm.prompts import load_prompt
from lti_tool.llm.provider import Provider
from lti_tool.llm.wire import UnknownOption

Request = dict[str, Any]
Answer = TypeVar("Answer")

_learnt: dict[tuple[str, str], frozenset[str]] = {}


def _without(option: str) -> Callable[[Request], Request]:
    return lambda request: {name: value for name, value in request.items() if name != option}


def _newer_length(request: Request) -> Request:
    return _without("max_tokens")(request) | {"max_completion_tokens": request["max_tokens"]}


def _schema_in_words(request: Request) -> Request:
    """The schema moves from the option into an instruction; the answer is checked against it in any case."""
    schema = request["response_format"]["json_schema"]["schema"]
    told = {"role": "system", "content": load_prompt("structured_schema").fill(schema=str(schema))}
    return request | {"response_format": {"type": "json_object"}, "messages": [told, *request["messages"]]}


DETOURS: dict[str, tuple[str, Callable[[Request], Request]]] = {
    "stream_options": ("stream_options", _without("stream_options")),
    "max_tokens": ("max_tokens", _newer_length),
    "temperature": ("temperature", _without("temperature")),
    "json_schema": ("response_format", _schema_in_words),
    "response_format": ("response_format", _without("response_format")),
}
"""What a refusal says -> the option it is about, and the way around it; tried in this order."""


def ask(provider: Provider, model: str, request: Request, call: Callable[[Request], Answer]) -> Answer:
    """Call with the request as this server takes it; raises UnknownOption when there is no way around its refusal."""
    server = (provider.endpoint, model)
    while True:
        refused = _learnt.get(server, frozenset())
        try:
            return call(adapted(provider, model, request))
        except UnknownOption as error:
            named = _named(error.said, request, refused)
            if named is None:
                raise
            _learnt[server] = refused | {named}


def adapted(provider: Provider, model: str, request: Request) -> Request:
    """The request as this server takes it, as far as that is known."""
    return _adapted(request, _learnt.get((provider.endpoint, model), frozenset()))


def _adapted(request: Request, refused: frozenset[str]) -> Request:
    for word, (option, detour) in DETOURS.items():
        if word in refused and option in request:
            request = detour(request)
    return request


def _named(said: str, request: Request, refused: frozenset[str]) -> str | None:
    """The first thing the refusal names that the request has and that was not refused before."""
    is_format = "response_format" in said
    for word, (option, _) in DETOURS.items():
        if option in request and word not in refused and (word in said or (is_format and option == "response_format")):
            return word
    return None
