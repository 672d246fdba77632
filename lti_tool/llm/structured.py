"""An answer that fits a schema: asked for by JSON schema, checked here, repaired once.

A server's promise to keep to a schema is not relied on: many do not know the option, and a long answer is cut.
"""

import json
import re
from functools import lru_cache
from typing import Any, TypeVar

import httpx2
from openai import AzureOpenAI, OpenAI
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict, ValidationError

from lti_tool.errors import ModelFailed
from lti_tool.llm import dialect
from lti_tool.llm.door import OpenCall
from lti_tool.llm.prompts import load_prompt
from lti_tool.llm.pseudonymiser import Mask
from lti_tool.llm.usage import Usage, estimated_usage, written_in
from lti_tool.llm.wire import Line, ModelTransport, content_filtered
from lti_tool.site_settings.patterns import ProviderKind

FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)


class StrictSchema(BaseModel):
    """The base of schemas for answers: nothing beyond its fields, as strict servers demand."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Schema = TypeVar("Schema", bound=BaseModel)


def structured_answer(call: OpenCall, request: dict[str, Any], schema: type[Schema], mask: Mask) -> Schema:
    """The checked answer; raises ModelFailed (`answer_unreadable`) when the repair does not fit either."""
    request = request | {"response_format": schema_option(schema)}
    client = openai_client(call.line)
    text = _ask(call, client, request)
    try:
        return read_structured(schema, text, mask)
    except ValidationError as error:
        repair = [*request["messages"], {"role": "assistant", "content": text}, _repair(schema, error)]
    try:
        return read_structured(schema, _ask(call, client, request | {"messages": repair}), mask)
    except ValidationError as error:
        raise ModelFailed("answer_unreadable", "The language model's answer could not be read.") from error


@lru_cache(maxsize=16)
def openai_client(line: Line) -> OpenAI:
    """The openai package's client, through our guarded door; retries are the door's. It takes long to make."""
    provider, http = line.provider, httpx2.Client(transport=ModelTransport(line))
    # The client insists on a key; a server without keys ignores it.
    key = provider.key or "none"
    if provider.kind is ProviderKind.AZURE:
        return AzureOpenAI(
            azure_endpoint=provider.endpoint,
            api_version=provider.api_version,
            api_key=key,
            http_client=http,
            max_retries=0,
        )
    return OpenAI(base_url=provider.endpoint, api_key=key, http_client=http, max_retries=0)


def schema_option(schema: type[BaseModel]) -> dict[str, Any]:
    """How a request asks for an answer of that schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "schema": schema.model_json_schema(), "strict": True},
    }


def _ask(call: OpenCall, client: OpenAI, request: dict[str, Any]) -> str:
    completion: ChatCompletion = dialect.ask(
        call.provider, call.model, request, lambda adapted: client.chat.completions.create(**adapted)
    )
    if not completion.choices:
        raise ModelFailed("provider_error")
    choice = completion.choices[0]
    call.mark_first_token()
    text = choice.message.content or ""
    call.usage = _added(call.usage, _counted(completion, request, text))
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise content_filtered()
    return text


def _counted(completion: ChatCompletion, request: dict[str, Any], text: str) -> Usage:
    if completion.usage is None:
        return estimated_usage("".join(written_in(request["messages"])), text)
    return Usage(prompt_tokens=completion.usage.prompt_tokens, completion_tokens=completion.usage.completion_tokens)


def _added(first: Usage, second: Usage) -> Usage:
    return Usage(
        prompt_tokens=first.prompt_tokens + second.prompt_tokens,
        completion_tokens=first.completion_tokens + second.completion_tokens,
        is_estimated=first.is_estimated or second.is_estimated,
    )


def read_structured(schema: type[Schema], text: str, mask: Mask) -> Schema:
    """An answer's text as what it must be; raises pydantic's ValidationError."""
    fenced = FENCE.match(text)
    return schema.model_validate_json(mask.restore(fenced[1] if fenced else text, inside_json=True))


def _repair(schema: type[BaseModel], error: ValidationError) -> dict[str, str]:
    """Says which fields are wrong and how, without quoting values: a value may hold what the mask restored."""
    faults = "\n".join(f"- {'.'.join(map(str, fault['loc'])) or 'answer'}: {fault['msg']}" for fault in error.errors())
    prompt = load_prompt("structured_repair")
    return {"role": "user", "content": prompt.fill(faults=faults, schema=json.dumps(schema.model_json_schema()))}
