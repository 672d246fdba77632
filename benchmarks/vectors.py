"""Vectors for the benchmarks, from the embedding model that three environment variables name.

    EMBEDDING_URL=http://localhost:11434/v1 EMBEDDING_MODEL=... [EMBEDDING_KEY=...]

`python -m benchmarks.embedding_server` serves a small one. Without them nothing is invented: a made-up embedding would
say nothing about meaning.
"""

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from openai import OpenAI
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from lti_tool.content.embedding import QuestionVector, number_of
from lti_tool.content.models import Chunk, ChunkEmbedding
from lti_tool.db import transaction
from lti_tool.llm.door import Door
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import ALLOWED_HOSTS, API_KEY, EMBEDDING_DEPLOYMENT, ENABLED, ENDPOINT
from lti_tool.site_settings.store import write, write_secret

BATCH = 64


class EmbeddingServer:
    """A model on a server; each text is asked about once."""

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self.client = OpenAI(base_url=url, api_key=key or "none")
        self.url, self.model = url, model
        self.known: dict[str, list[float]] = {}

    @classmethod
    def named_by_environment(cls) -> "EmbeddingServer | None":
        url, model = os.environ.get("EMBEDDING_URL"), os.environ.get("EMBEDDING_MODEL")
        return cls(url, model, os.environ.get("EMBEDDING_KEY", "")) if url and model else None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        for start in range(0, len(missing), BATCH):
            asked = missing[start : start + BATCH]
            answer = self.client.embeddings.create(model=self.model, input=asked, encoding_format="float")
            made = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
            self.known |= dict(zip(asked, made, strict=True))
        return [self.known[text] for text in texts]


class Vectors:
    """What such a server says, in the database."""

    def __init__(self, session: Session, server: EmbeddingServer) -> None:
        self.server = server
        self.model_id = number_of(session, server.model)

    @classmethod
    def named_by_environment(cls, session: Session) -> "Vectors | None":
        server = EmbeddingServer.named_by_environment()
        return cls(session, server) if server is not None else None

    def of_questions(self, questions: Sequence[str]) -> list[QuestionVector]:
        return [QuestionVector(model=self.server.model, values=values) for values in self.server.embed(questions)]

    def fill(self, session: Session, course_id: int) -> None:
        """Give every chunk of the course its vector."""
        chunks = session.execute(
            select(Chunk.id, Chunk.source_id, Chunk.text).where(Chunk.course_id == course_id).order_by(Chunk.id)
        ).all()
        rows = [
            {
                "chunk_id": chunk.id,
                "model_id": self.model_id,
                "course_id": course_id,
                "source_id": chunk.source_id,
                "embedding": values,
            }
            for chunk, values in zip(chunks, self.server.embed([chunk.text for chunk in chunks]), strict=True)
        ]
        session.execute(insert(ChunkEmbedding), rows)


def door_to(engine: Engine, url: str, model: str) -> Door:
    """The door of an installation whose administrator named this server."""
    secrets = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
    with transaction(engine) as session:
        write(session, ENABLED, True)
        write(session, ENDPOINT, url)
        write(session, ALLOWED_HOSTS, frozenset({urlsplit(url).hostname or ""}))
        write(session, EMBEDDING_DEPLOYMENT, model)
        write_secret(session, API_KEY, os.environ.get("EMBEDDING_KEY") or "none", secrets=secrets)
    return Door(engine=engine, secrets=secrets)
