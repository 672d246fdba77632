"""A model server on this machine, configured as an administrator would, and a door to it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.llm.chat import ChatModel, Message, MessageRole
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.runtime import Runtime
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import (
    ALLOWED_HOSTS,
    API_KEY,
    CHAT_DEPLOYMENT,
    EMBEDDING_DEPLOYMENT,
    ENABLED,
    ENDPOINT,
)
from lti_tool.site_settings.store import write, write_secret
from lti_tool.site_settings.switches import Feature
from tests.fakes.model_server import ModelServer

QUESTION = [Message(role=MessageRole.USER, content="What is a leaf?")]


def configure(engine: Engine, secrets: Secrets, url: str) -> None:
    """As an administrator would: the address, its host by name, the models, a key, and the kill switch on."""
    with transaction(engine) as session:
        write(session, ENABLED, True)
        write(session, ENDPOINT, url)
        write(session, ALLOWED_HOSTS, frozenset({"127.0.0.1"}))
        write(session, CHAT_DEPLOYMENT, "fake-chat")
        write(session, EMBEDDING_DEPLOYMENT, "fake-embedding")
        write_secret(session, API_KEY, "sk-canary", secrets=secrets)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def door(runtime: Runtime, pauses: list[float]) -> Door:
    return Door(engine=runtime.engine, secrets=runtime.secrets, pause=pauses.append)


@pytest.fixture
def configured(door: Door, server: ModelServer) -> ModelServer:
    configure(door.engine, door.secrets, server.url)
    return server


@pytest.fixture
def pauses() -> list[float]:
    """The waits the door asked for, none of which is waited."""
    return []


@pytest.fixture
def chat(door: Door, configured: ModelServer) -> ChatModel:
    return ChatModel(door, caller())


@pytest.fixture
def embedding(door: Door, configured: ModelServer) -> EmbeddingModel:
    return EmbeddingModel(door, caller(Feature.EMBEDDINGS), name="fake-embedding")


def caller(
    feature: Feature = Feature.TUTOR, identities: Identities | None = None, course_id: int | None = None
) -> Caller:
    return Caller(feature=feature, purpose="test", course_id=course_id, identities=identities or Identities())
