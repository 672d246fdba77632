"""The embedding model: texts to vectors, in batches, all of one length."""

import math
from collections.abc import Sequence

from openai import OpenAI

from lti_tool.errors import ModelFailed
from lti_tool.llm.door import Caller, Door, OpenCall, model_call
from lti_tool.llm.provider import find_provider
from lti_tool.llm.pseudonymiser import Mask
from lti_tool.llm.structured import openai_client
from lti_tool.llm.usage import Usage, estimated_usage
from lti_tool.secrets import Secrets
from lti_tool.site_settings.store import Snapshot
from lti_tool.site_settings.switches import Feature, is_on_in

BATCH = 64

Vector = list[float]


class EmbeddingModel:
    """The configured embedding model on behalf of one caller; `name` is stored with each vector it makes."""

    def __init__(self, door: Door, caller: Caller, *, name: str) -> None:
        self.door, self.caller, self.name = door, caller, name

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector a text, in their order; raises as `ChatModel.stream` does."""
        mask = Mask(self.caller.identities, numbered=False)
        hidden = [mask.hide(text) for text in texts]
        vectors: list[Vector] = []
        for start in range(0, len(hidden), BATCH):
            with model_call(self.door, self.caller, kind="embeddings") as call:
                client = openai_client(call.line)
                vectors += _embed(call, client, hidden[start : start + BATCH])
        _check_lengths(vectors)
        return vectors


def embedding_model_name(settings: Snapshot, secrets: Secrets) -> str | None:
    """The embedding model, or None when none is configured or the feature is off; a call asks both again."""
    provider = find_provider(settings, secrets) if is_on_in(settings, Feature.EMBEDDINGS) else None
    return (provider.embedding_model or None) if provider else None


def _embed(call: OpenCall, client: OpenAI, texts: list[str]) -> list[Vector]:
    answer = client.embeddings.create(model=call.model, input=texts, encoding_format="float")
    call.mark_first_token()
    counted = answer.usage.prompt_tokens if answer.usage else 0
    call.usage = Usage(prompt_tokens=counted, completion_tokens=0) if counted else estimated_usage("".join(texts), "")
    vectors = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
    if len(vectors) != len(texts) or not all(vector and math.isfinite(sum(vector)) for vector in vectors):
        raise _unusable()
    return vectors


def _check_lengths(vectors: list[Vector]) -> None:
    if len({len(vector) for vector in vectors}) > 1:
        raise _unusable()


def _unusable() -> ModelFailed:
    return ModelFailed("answer_unreadable", "The embedding model's answer could not be used.")
