"""Finding passages for a question as the course is set up: with its vector if there is a model, else by words."""

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.content.embedding import QuestionVector, question_vector
from lti_tool.content.floors.floor import Floor, floor_for
from lti_tool.content.retrieval import Passage, good_enough, search
from lti_tool.db import transaction
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_TOP_K
from lti_tool.site_settings.store import Snapshot, snapshot

SEEN = 12
"""How far is looked, however few are wanted: whether the best passage leads is seen against the next four by words, and
between them stand those that were found by their vectors."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The best passages, and whether they are good enough to answer from."""

    passages: list[Passage]
    is_enough: bool
    with_vectors: bool


def find_passages(
    runtime: Runtime,
    *,
    course_id: int,
    question: str,
    person_id: int | None = None,
    include_hidden: bool = False,
    settings: Snapshot | None = None,
) -> Finding:
    """Asks the embedding model first, outside of any transaction; `settings` if they have just been read."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    vector = question_vector(door, course_id=course_id, question=question, person_id=person_id, settings=settings)
    with transaction(runtime.engine) as session:
        settings = settings or snapshot(session, course_id)
        limit, floor = settings.read(RAG_TOP_K), floor_for(session, settings, model_of(vector))
        passages = search(
            session,
            course_id=course_id,
            question=question,
            limit=max(limit, SEEN),
            vector=vector,
            include_hidden=include_hidden,
        )
    return Finding(
        passages=used(passages, floor, limit),
        is_enough=good_enough(passages, least_similarity=floor.value),
        with_vectors=vector is not None,
    )


def used(passages: Sequence[Passage], floor: Floor, limit: int) -> list[Passage]:
    """What an answer may rest on: the first so many that share a word with the question or are alike enough (R44)."""
    return [passage for passage in passages if not is_too_unlike(passage, floor)][:limit]


def is_too_unlike(passage: Passage, floor: Floor) -> bool:
    """Found by its vector alone, and that says little."""
    return passage.words_rank is None and (passage.similarity or 0.0) < floor.value


def model_of(vector: QuestionVector | None) -> str | None:
    return vector.model if vector else None
