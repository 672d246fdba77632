"""Vectors for the retrieval benchmark, from the embedding model that three environment variables name.

    EMBEDDING_URL=http://localhost:11434/v1 EMBEDDING_MODEL=... [EMBEDDING_KEY=...]

Without them nothing is invented: a made-up embedding would say nothing about meaning.
"""

import os
from collections.abc import Sequence

from openai import OpenAI
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.content.embedding import QuestionVector
from lti_tool.content.models import Chunk, ChunkEmbedding, EmbeddingModelName

BATCH = 64


class Vectors:
    """A model on a server, and its number in the database."""

    def __init__(self, session: Session, url: str, model: str, key: str) -> None:
        self.client = OpenAI(base_url=url, api_key=key or "none")
        self.model = model
        row = EmbeddingModelName(name=model)
        session.add(row)
        session.flush()
        self.model_id = row.id

    @classmethod
    def named_by_environment(cls, session: Session) -> "Vectors | None":
        url, model = os.environ.get("EMBEDDING_URL"), os.environ.get("EMBEDDING_MODEL")
        return cls(session, url, model, os.environ.get("EMBEDDING_KEY", "")) if url and model else None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            answer = self.client.embeddings.create(
                model=self.model, input=list(texts[start : start + BATCH]), encoding_format="float"
            )
            vectors += [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        return vectors

    def of_questions(self, questions: Sequence[str]) -> list[QuestionVector]:
        return [QuestionVector(model=self.model, values=values) for values in self.embed(questions)]

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
            for chunk, values in zip(chunks, self.embed([chunk.text for chunk in chunks]), strict=True)
        ]
        session.execute(insert(ChunkEmbedding), rows)
