"""What papers mean, as vectors of the course's embedding model, where it has one; each text is sent to a model once.

Students' work goes out only while both "Search by meaning" and "Drafts of marks by a language model" are on, without
names, and within the course's budget. Without a model, or while it fails, the words must do.
"""

import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert

from lti_tool.content.embedding import check_dimensions, model_for, number_of
from lti_tool.content.models import EmbeddingModelName
from lti_tool.db import transaction
from lti_tool.errors import ModelFailed, NotAllowed
from lti_tool.grading.models import Submission
from lti_tool.grading.second_opinion.models import WorkEmbedding
from lti_tool.llm.door import Door
from lti_tool.llm.embeddings import EmbeddingModel, Vector
from lti_tool.site_settings.switches import Feature

log = logging.getLogger(__name__)

PIECE = 6_000
"""Characters that are embedded at once, as of a chunk of material: many models look no further."""
BATCH = 16


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """The vectors that there are, by submission, and the model that made them."""

    model: str = ""
    vectors: Mapping[UUID, Vector] = field(default_factory=dict)


WORDS_ALONE = Meanings()


def meanings_of(door: Door, course_id: int, texts: Mapping[UUID, str]) -> Meanings:
    """Of every text: what is kept, and what the model makes now; empty without a model. Call it in no transaction."""
    model = model_for(door, course_id, purpose="embedding.work", also=Feature.GRADING_PROPOSALS)
    if model is None:
        return WORDS_ALONE
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items() if text.strip()}
    found = _kept(door.engine, model.name, hashes)
    missing = [name for name in hashes if name not in found]
    try:
        for start in range(0, len(missing), BATCH):
            made = _made(model, {name: texts[name] for name in missing[start : start + BATCH]})
            _keep(door.engine, model.name, hashes, made)
            found |= made
    except (ModelFailed, NotAllowed) as error:
        log.warning("work_not_embedded", extra={"code": error.code, "course": course_id})
    return Meanings(model=model.name if found else "", vectors=found)


def _kept(engine: Engine, model: str, hashes: Mapping[UUID, str]) -> dict[UUID, Vector]:
    with transaction(engine) as session:
        rows = session.execute(
            select(WorkEmbedding.submission_id, WorkEmbedding.sha256, WorkEmbedding.embedding)
            .join(EmbeddingModelName, EmbeddingModelName.id == WorkEmbedding.model_id)
            .where(EmbeddingModelName.name == model, WorkEmbedding.submission_id.in_(hashes))
        ).all()
    return {name: list(vector) for name, sha256, vector in rows if hashes[name] == sha256}


def _made(model: EmbeddingModel, texts: Mapping[UUID, str]) -> dict[UUID, Vector]:
    """A long text is the mean of its pieces."""
    pieces = [(name, text[at : at + PIECE]) for name, text in texts.items() for at in range(0, len(text), PIECE)]
    vectors = model.embed([piece for _, piece in pieces])
    check_dimensions(vectors)
    by_work: dict[UUID, list[Vector]] = {name: [] for name in texts}
    for (name, _), vector in zip(pieces, vectors, strict=True):
        by_work[name].append(_unit(vector))
    return {name: [sum(column) / len(found) for column in zip(*found, strict=True)] for name, found in by_work.items()}


def _unit(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector) or 1.0
    return [value / length for value in vector]


def _keep(engine: Engine, model: str, hashes: Mapping[UUID, str], made: Mapping[UUID, Vector]) -> None:
    """Work may have been erased while the model worked, and another activity's job may have been faster."""
    with transaction(engine) as session:
        model_id = number_of(session, model)
        there = session.scalars(
            select(Submission.id).where(Submission.id.in_(made)).order_by(Submission.id).with_for_update(key_share=True)
        ).all()
        rows = [
            {"submission_id": name, "model_id": model_id, "sha256": hashes[name], "embedding": made[name]}
            for name in there
        ]
        if rows:
            written = insert(WorkEmbedding)
            changed = {"sha256": written.excluded.sha256, "embedding": written.excluded.embedding}
            session.execute(written.on_conflict_do_update(constraint="pk_work_embedding", set_=changed), rows)
