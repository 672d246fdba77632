"""Measuring the floor of the configured embedding model on the material of this site.

A passage is asked for by one of its own sentences, or by its heading, and that is taken out of it: how like the rest
is to the question is what a right passage looks like. The most similar passage of any other source of the same course
that does not say the same is what the best wrong one looks like. The floor is what no wrong one reached: above it a
passage answers without a word in common. Where both are told apart best, too many wrong ones are above: measured in
docs/developers/testing.md. No labels are needed, and nothing but passages that the model sees anyway is sent to it.
"""

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.content.embedding import model_for
from lti_tool.content.floors.floor import find_measured
from lti_tool.content.floors.models import SimilarityFloor
from lti_tool.content.models import Chunk, ChunkEmbedding, EmbeddingModelName
from lti_tool.db import now, transaction
from lti_tool.llm.door import Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.provider import find_provider
from lti_tool.site_settings.store import snapshot

MOST_QUESTIONS = 160
FEWEST_QUESTIONS = 20
SHORTEST_CHUNK = 200
SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
SENTENCE_LENGTHS = range(25, 220)
LEAST_REST = 100
ABOVE = 1e-6

# A fixed order that says nothing about the content: the same passages are asked for each time.
SAMPLE = text("""
SELECT id, course_id, source_id, heading, text FROM (
    SELECT chunk.id, chunk.course_id, chunk.source_id, chunk.heading, chunk.text,
           row_number() OVER (PARTITION BY chunk.course_id ORDER BY md5(chunk.id::text)) AS place
    FROM chunk JOIN chunk_embedding AS made ON made.chunk_id = chunk.id
    JOIN embedding_model AS model ON model.id = made.model_id AND model.name = :model
    WHERE length(chunk.text) >= :shortest
      AND (SELECT count(DISTINCT source_id) FROM chunk AS other WHERE other.course_id = chunk.course_id) > 1
) AS shuffled ORDER BY place, md5(id::text) LIMIT :most
""")


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question made of a passage, and what is left of the passage."""

    course_id: int
    source_id: UUID
    question: str
    rest: str


def calibrate(door: Door) -> SimilarityFloor | None:
    """Measure and keep the floor of the present model; None without a model, or with too little material yet."""
    model = model_for(door, None, purpose="embedding.calibration")
    if model is None:
        return None
    with transaction(door.engine) as session:
        probes = sample_probes(session, model.name)
    if len(probes) < FEWEST_QUESTIONS:
        return None
    right, wrong = _similarities(door, model.name, probes)
    if not wrong:
        return None
    floor, told_apart = floor_above(right, wrong)
    return _keep(door.engine, model.name, floor, told_apart, len(right))


def is_measured(session: Session, door: Door) -> bool:
    """Whether the present model has a floor, or there is no model that could have one."""
    provider = find_provider(snapshot(session), door.secrets)
    return provider is None or find_measured(session, provider.embedding_model) is not None


def sample_probes(session: Session, model: str) -> list[Probe]:
    """Questions made of passages of many courses, evenly."""
    values = {"model": model, "shortest": SHORTEST_CHUNK, "most": MOST_QUESTIONS}
    probes = (
        _probe(row.course_id, row.source_id, row.heading, row.text, by_heading=number % 3 == 0)
        for number, row in enumerate(session.execute(SAMPLE, values))
    )
    return [probe for probe in probes if probe is not None]


def _probe(course_id: int, source_id: UUID, heading: str, words: str, *, by_heading: bool) -> Probe | None:
    """A third of the questions are headings, for many real questions are a few keywords."""
    if by_heading and heading:
        return Probe(course_id=course_id, source_id=source_id, question=heading.split(" › ")[-1], rest=words)
    sentences = [sentence.strip() for sentence in SENTENCE.split(words)]
    fitting = [sentence for sentence in sentences if len(sentence) in SENTENCE_LENGTHS]
    if not fitting:
        return None
    question = fitting[len(fitting) // 2]
    rest = words.replace(question, " ", 1)
    return (
        Probe(course_id=course_id, source_id=source_id, question=question, rest=rest)
        if len(rest) > LEAST_REST
        else None
    )


def floor_above(right: list[float], wrong: list[float]) -> tuple[float, float]:
    """The figure just above every wrong one, and the share of both that it puts on their sides."""
    floor = min(1.0, max(wrong) + ABOVE)
    return floor, float(np.mean(np.array(right) >= floor) + np.mean(np.array(wrong) < floor)) / 2


def _similarities(door: Door, model_name: str, probes: list[Probe]) -> tuple[list[float], list[float]]:
    """For each question how like the rest of its passage is, and the nearest passage of the other sources."""
    by_course: defaultdict[int, list[Probe]] = defaultdict(list)
    for probe in probes:
        by_course[probe.course_id].append(probe)
    right: list[float] = []
    wrong: list[float] = []
    for course_id, asked in by_course.items():
        model = model_for(door, course_id, purpose="embedding.calibration")
        # Switched off in this course, or another model since the start: its passages are not asked for.
        if model is None or model.name != model_name:
            continue
        questions = model.embed([probe.question for probe in asked])
        rests = model.embed([probe.rest for probe in asked])
        right += [_cosine(question, rest) for question, rest in zip(questions, rests, strict=True)]
        with transaction(door.engine) as session:
            nearest = [
                _nearest(session, model, probe, question) for probe, question in zip(asked, questions, strict=True)
            ]
        wrong += [similarity for similarity in nearest if similarity is not None]
    return right, wrong


def _nearest(session: Session, model: EmbeddingModel, probe: Probe, question: list[float]) -> float | None:
    return session.scalar(
        select(1 - func.min(ChunkEmbedding.embedding.cosine_distance(question)))
        .join(EmbeddingModelName, EmbeddingModelName.id == ChunkEmbedding.model_id)
        .join(Chunk, Chunk.id == ChunkEmbedding.chunk_id)
        .where(
            EmbeddingModelName.name == model.name,
            ChunkEmbedding.course_id == probe.course_id,
            ChunkEmbedding.source_id != probe.source_id,
            func.strpos(Chunk.text, probe.question) == 0,
        )
    )


def _cosine(one: list[float], other: list[float]) -> float:
    length = math.sqrt(math.fsum(x * x for x in one) * math.fsum(x * x for x in other))
    return math.fsum(x * y for x, y in zip(one, other, strict=True)) / length if length else 0.0


def _keep(engine: Engine, model: str, floor: float, told_apart: float, questions: int) -> SimilarityFloor:
    with transaction(engine) as session:
        model_id = session.scalars(select(EmbeddingModelName.id).where(EmbeddingModelName.name == model)).one()
        values = {"floor": floor, "told_apart": told_apart, "questions": questions, "measured_at": now()}
        session.execute(
            insert(SimilarityFloor)
            .values(model_id=model_id, **values)
            .on_conflict_do_update(index_elements=["model_id"], set_=values)
        )
        kept = session.get_one(SimilarityFloor, model_id, populate_existing=True)
        session.expunge(kept)
    return kept
