"""Vectors for chunks and questions, where the administrator configured an embedding model and left it on.

Without one, or while it does not answer, chunks are found by their words alone; what has no vector yet gets it later.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.identities import identities_of
from lti_tool.content.models import Chunk, ChunkEmbedding, EmbeddingModelName
from lti_tool.content.progress.stages import tell_vectors, tell_waiting
from lti_tool.db import transaction
from lti_tool.errors import ModelFailed, NotAllowed
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.embeddings import EmbeddingModel, embedding_model_name
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import Feature, is_on_in

log = logging.getLogger(__name__)

BATCH = 64
MOST_DIMENSIONS = 4000
"""What fits into a row beside its keys: the vectors lie in the table itself."""


@dataclass(frozen=True, kw_only=True)
class QuestionVector:
    """A question as the model of this name sees it; comparable with vectors of the same model only."""

    model: str
    values: list[float]


def question_vector(
    door: Door, *, course_id: int, question: str, person_id: int | None, settings: Snapshot | None = None
) -> QuestionVector | None:
    """The vector of a question; None without a model, or while it fails: the words must do then.

    `settings` that have just been read and name no model save reading them again.
    """
    if settings is not None and embedding_model_name(settings, door.secrets) is None:
        return None
    model = model_for(door, course_id, purpose="embedding.question", person_id=person_id)
    if model is None:
        return None
    try:
        return QuestionVector(model=model.name, values=model.embed([question])[0])
    except (ModelFailed, NotAllowed) as error:
        log.warning("question_not_embedded", extra={"code": error.code, "course": course_id})
        return None


def embed_chunks(door: Door, course_id: int) -> int:
    """Give every chunk of the course its vector by the present model; how many were made. Raises ModelFailed."""
    model = model_for(door, course_id, purpose="embedding.chunks")
    if model is None:
        return 0
    made = 0
    while True:
        tell_vectors(door.engine, course_id, model.name)
        with transaction(door.engine) as session:
            batch = _chunks_without(session, course_id, model.name)
        if not batch:
            return made
        _embed_batch(door, course_id, model, batch)
        made += len(batch)


def _embed_batch(door: Door, course_id: int, model: EmbeddingModel, batch: Sequence[Row[int, str, str]]) -> None:
    try:
        vectors = model.embed([f"{chunk.heading}\n{chunk.text}".strip() for chunk in batch])
        check_dimensions(vectors)
    except (ModelFailed, NotAllowed) as error:
        tell_waiting(door.engine, course_id, error.sentence)
        raise
    _store(door.engine, course_id, model, batch, vectors)


def model_for(
    door: Door, course_id: int | None, *, purpose: str, person_id: int | None = None, also: Feature | None = None
) -> EmbeddingModel | None:
    """The embedding model on behalf of a course, or of the site; None where there is none.

    `also` names a second switch that must be on, where more than material and questions is sent.
    """
    with transaction(door.engine) as session:
        settings = snapshot(session, course_id)
        name = embedding_model_name(settings, door.secrets)
        if name is None or (also is not None and not is_on_in(settings, also)):
            return None
        identities = identities_of(session, course_id) if course_id is not None else Identities(people=())
    caller = Caller(
        feature=Feature.EMBEDDINGS,
        also=also,
        purpose=purpose,
        course_id=course_id,
        person_id=person_id,
        identities=identities,
    )
    return EmbeddingModel(door, caller, name=name)


def _chunks_without(session: Session, course_id: int, model: str) -> Sequence[Row[int, str, str]]:
    has_vector = (
        select(ChunkEmbedding.chunk_id)
        .join(EmbeddingModelName, EmbeddingModelName.id == ChunkEmbedding.model_id)
        .where(ChunkEmbedding.chunk_id == Chunk.id, EmbeddingModelName.name == model)
    )
    return session.execute(
        select(Chunk.id, Chunk.heading, Chunk.text)
        .where(Chunk.course_id == course_id, ~has_vector.exists())
        .order_by(Chunk.id)
        .limit(BATCH)
    ).all()


def check_dimensions(vectors: list[list[float]]) -> None:
    """Raises ModelFailed for vectors that do not fit into a row."""
    if any(len(vector) > MOST_DIMENSIONS for vector in vectors):
        raise ModelFailed(
            "embedding_too_long",
            "The embedding model's vectors are longer than %(most_dimensions)s numbers.",
            {"most_dimensions": MOST_DIMENSIONS},
        )


def _store(
    engine: Engine,
    course_id: int,
    model: EmbeddingModel,
    batch: Sequence[Row[int, str, str]],
    vectors: list[list[float]],
) -> None:
    """Chunks may have gone while the model worked, and another job may have been faster."""
    by_chunk = {chunk.id: vector for chunk, vector in zip(batch, vectors, strict=True)}
    with transaction(engine) as session:
        model_id = number_of(session, model.name)
        there = session.execute(
            select(Chunk.id, Chunk.source_id).where(Chunk.id.in_(by_chunk)).with_for_update(key_share=True)
        )
        rows = [
            {
                "chunk_id": chunk_id,
                "model_id": model_id,
                "course_id": course_id,
                "source_id": source_id,
                "embedding": by_chunk[chunk_id],
            }
            for chunk_id, source_id in there
        ]
        if rows:
            session.execute(insert(ChunkEmbedding).on_conflict_do_nothing(), rows)


def number_of(session: Session, name: str) -> int:
    """The number of an embedding model's name, given when it is first met."""
    session.execute(insert(EmbeddingModelName).values(name=name).on_conflict_do_nothing())
    return session.scalars(select(EmbeddingModelName.id).where(EmbeddingModelName.name == name)).one()
