"""Vectors come back one a text, in order and of one length, or not at all."""

import math

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import ModelFailed, NotAllowed
from lti_tool.llm.door import Door
from lti_tool.llm.embeddings import EmbeddingModel, embedding_model_name
from lti_tool.site_settings.catalogue import EMBEDDING_DEPLOYMENT, ENABLED
from lti_tool.site_settings.setting import Setting
from lti_tool.site_settings.store import snapshot, write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.model_server import ModelServer, Reply, hashed_words


def test_one_vector_a_text_in_their_order(embedding: EmbeddingModel) -> None:
    texts = [f"leaf of {'a' * (number % 7)} tree {number}" for number in range(150)]
    vectors = embedding.embed(texts)
    assert len(vectors) == 150
    assert all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(vectors[149], hashed_words(texts[149]), strict=True))


def test_many_texts_go_in_batches(embedding: EmbeddingModel, configured: ModelServer) -> None:
    embedding.embed(["leaf"] * 150)
    assert [len(request.content["input"]) for request in configured.requests] == [64, 64, 22]


@pytest.mark.parametrize("vectors", [[[1.0, 2.0], [1.0]], [[1.0, 2.0]], [[], []], [[1.0, float("nan")], [1.0, 1.0]]])
def test_vectors_that_cannot_be_compared_are_refused(
    embedding: EmbeddingModel, configured: ModelServer, vectors: list[list[float]]
) -> None:
    configured.reply(Reply(vectors=vectors))
    with pytest.raises(ModelFailed, match="answer_unreadable"):
        embedding.embed(["leaf", "tree"])


@pytest.mark.parametrize("switch", [ENABLED, SWITCHES[Feature.EMBEDDINGS]], ids=["kill switch", "site's switch"])
def test_a_switch_stops_the_call(
    embedding: EmbeddingModel, configured: ModelServer, session: Session, switch: object
) -> None:
    write(session, switch, False)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="feature_off"):
        embedding.embed(["leaf"])
    assert configured.requests == []


def test_without_an_embedding_model_there_is_none(door: Door, configured: ModelServer, session: Session) -> None:
    assert embedding_model_name(snapshot(session), door.secrets)
    write(session, EMBEDDING_DEPLOYMENT, "")
    assert embedding_model_name(snapshot(session), door.secrets) is None


@pytest.mark.parametrize("switch", [ENABLED, SWITCHES[Feature.EMBEDDINGS]], ids=["kill switch", "site's switch"])
def test_there_is_no_embedding_model_while_it_is_switched_off(
    door: Door, configured: ModelServer, session: Session, switch: Setting[bool]
) -> None:
    write(session, switch, False)
    assert embedding_model_name(snapshot(session), door.secrets) is None
