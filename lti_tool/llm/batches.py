"""The batch interface of a model server: many requests as one file, answered within a day at a lower price.

As OpenAI has it (/files and /batches); the same switch, cap, breaker and hiding of names stand before it as before a
single call. What a line cost is recorded when its answer is fetched.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from openai import OpenAI
from openai.types import Batch
from pydantic import BaseModel
from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.errors import ModelFailed
from lti_tool.llm import dialect
from lti_tool.llm.door import Caller, Door, OpenCall, model_call
from lti_tool.llm.models import LlmCall, Outcome
from lti_tool.llm.provider import Provider
from lti_tool.llm.spending import require_within_cap
from lti_tool.llm.structured import openai_client, schema_option
from lti_tool.llm.usage import Usage, cost_micros, estimated_usage
from lti_tool.site_settings.grading import BATCH_PRICE
from lti_tool.site_settings.patterns import ProviderKind

NO_SUCH_ADDRESS = frozenset({404, 405, 501})
MOST_LISTED = 100
MARK = "run"


class BatchState(StrEnum):
    OPEN = "open"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class BatchRequest:
    """One request, its messages hidden already; `id` comes back with its answer."""

    id: str
    messages: Sequence[Mapping[str, Any]]
    form: type[BaseModel]
    most_tokens: int


@dataclass(frozen=True, kw_only=True)
class BatchAnswer:
    """One line of the answers: its text, what it used and what that cost."""

    id: str
    text: str
    usage: Usage
    cost_micros: int


@dataclass(frozen=True, kw_only=True)
class BatchStanding:
    """How far a batch is; `answers` names the file with what was answered."""

    state: BatchState
    answers: str | None


class BatchModel:
    """The configured chat model, asked in batches on behalf of one caller."""

    def __init__(self, door: Door, caller: Caller) -> None:
        self.door, self.caller = door, caller

    def submit(self, requests: Sequence[BatchRequest], mark: str) -> str:
        """Hand in a batch, or find the one that was handed in under this mark before; its id."""
        with model_call(self.door, self.caller, kind="chat") as call, _named():
            client = openai_client(call.line)
            earlier = _find(client, mark)
            if earlier is not None:
                return earlier
            lines = "\n".join(json.dumps(_line(call.provider, call.model, one)) for one in requests)
            self._require_room(call, lines, sum(one.most_tokens for one in requests))
            sent = client.files.create(file=("requests.jsonl", lines.encode()), purpose="batch")
            made = client.batches.create(
                input_file_id=sent.id,
                endpoint=_endpoint(call.provider),
                completion_window="24h",
                metadata={MARK: mark},
            )
            return made.id

    def _require_room(self, call: OpenCall, lines: str, most_tokens: int) -> None:
        """A batch is paid for as a whole: raises NotAllowed (`cost_cap`) unless the month has room for it."""
        asked = estimated_usage(lines, "")
        most = cost_micros(call.settings, replace(asked, completion_tokens=most_tokens))
        with transaction(self.door.engine) as session:
            at_batch_price = most * call.settings.read(BATCH_PRICE) // 100
            require_within_cap(session, call.settings, self.caller.course_id, planned=at_batch_price)

    def standing(self, batch_id: str) -> BatchStanding:
        with model_call(self.door, self.caller, kind="chat") as call, _named():
            found = openai_client(call.line).batches.retrieve(batch_id)
        return BatchStanding(state=_state(found), answers=found.output_file_id)

    def answers(self, file_id: str) -> list[BatchAnswer]:
        """What was answered; lines without an answer are left out."""
        with model_call(self.door, self.caller, kind="chat") as call, _named():
            content = openai_client(call.line).files.content(file_id).text
            found = [_answer(json.loads(line), call) for line in content.splitlines() if line.strip()]
        return [answer for answer in found if answer is not None]

    def cancel(self, batch_id: str) -> None:
        with model_call(self.door, self.caller, kind="chat") as call, _named():
            openai_client(call.line).batches.cancel(batch_id)


def record_cost(session: Session, caller: Caller, answer: BatchAnswer) -> None:
    """Count an answer of a batch among the calls, in the transaction that keeps it."""
    session.add(
        LlmCall(
            course_id=caller.course_id,
            person_id=caller.person_id,
            feature=caller.feature,
            purpose=caller.purpose,
            model=answer.usage.model,
            prompt_tokens=answer.usage.prompt_tokens,
            completion_tokens=answer.usage.completion_tokens,
            cost_micros=answer.cost_micros,
            duration_ms=0,
            outcome=Outcome.SUCCEEDED,
        )
    )


@contextmanager
def _named() -> Iterator[None]:
    """A server without the interface says that there is no such address."""
    try:
        yield
    except ModelFailed as error:
        if error.details.get("status") in NO_SUCH_ADDRESS:
            raise ModelFailed("batch_unknown", "The model server takes no batches.") from error
        raise


def _find(client: OpenAI, mark: str) -> str | None:
    """A worker may have died between handing in and writing down the id."""
    recent = client.batches.list(limit=MOST_LISTED).data
    return next((batch.id for batch in recent if (batch.metadata or {}).get(MARK) == mark), None)


def _line(provider: Provider, model: str, request: BatchRequest) -> dict[str, Any]:
    body = {
        "model": model,
        "messages": list(request.messages),
        "max_tokens": request.most_tokens,
        "temperature": 0.0,
        "response_format": schema_option(request.form),
    }
    return {
        "custom_id": request.id,
        "method": "POST",
        "url": _endpoint(provider),
        "body": dialect.adapted(provider, model, body),
    }


def _endpoint(provider: Provider) -> Any:
    return "/chat/completions" if provider.kind is ProviderKind.AZURE else "/v1/chat/completions"


def _state(batch: Batch) -> BatchState:
    if batch.status in {"completed", "expired", "cancelled"}:
        return BatchState.ENDED
    return BatchState.FAILED if batch.status == "failed" else BatchState.OPEN


def _answer(line: Mapping[str, Any], call: OpenCall) -> BatchAnswer | None:
    body = (line.get("response") or {}).get("body") or {}
    choices = body.get("choices") or []
    text = choices[0]["message"].get("content") if choices else None
    if not text:
        return None
    counted = body.get("usage") or {}
    usage = Usage(
        prompt_tokens=counted.get("prompt_tokens", 0),
        completion_tokens=counted.get("completion_tokens", 0),
        model=call.model,
    )
    cost = cost_micros(call.settings, usage) * call.settings.read(BATCH_PRICE) // 100
    return BatchAnswer(id=line["custom_id"], text=text, usage=usage, cost_micros=cost)
