"""Finding passages for a question as the course is set up: with its vector if there is a model, else by words."""

from dataclasses import dataclass

from lti_tool.content.embedding import question_vector
from lti_tool.content.retrieval import Passage, good_enough, search
from lti_tool.db import transaction
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_THRESHOLD, RAG_TOP_K
from lti_tool.site_settings.store import snapshot


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
) -> Finding:
    """Asks the embedding model first, outside of any transaction."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    vector = question_vector(door, course_id=course_id, question=question, person_id=person_id)
    with transaction(runtime.engine) as session:
        settings = snapshot(session, course_id)
        limit = settings.read(RAG_TOP_K)
        # Whether the best passage leads is seen against the first five, however few are wanted.
        passages = search(
            session,
            course_id=course_id,
            question=question,
            limit=max(limit, 5),
            vector=vector,
            include_hidden=include_hidden,
        )
        is_enough = good_enough(passages, least_similarity=float(settings.read(RAG_THRESHOLD)))
    return Finding(passages=passages[:limit], is_enough=is_enough, with_vectors=vector is not None)
