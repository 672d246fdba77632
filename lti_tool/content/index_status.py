"""How the course's material stands: how much of it can be found, and what its vectors cost (R47, R129)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.content.models import Chunk, Document, Source, SourceState
from lti_tool.llm.models import LlmCall
from lti_tool.site_settings.switches import Feature


@dataclass(frozen=True, kw_only=True)
class IndexStatus:
    sources: int
    waiting: int
    failed: int
    chunks: int
    last_indexed_at: datetime | None
    embedding_tokens: int


def index_status_of(session: Session, course_id: int) -> IndexStatus:
    """Counts over the sources of a course."""
    found = session.execute(
        select(Source.state, func.count()).where(Source.course_id == course_id).group_by(Source.state)
    )
    states: dict[str, int] = {state: count for state, count in found}
    is_vector = LlmCall.feature == Feature.EMBEDDINGS
    tokens = select(func.sum(LlmCall.prompt_tokens)).where(LlmCall.course_id == course_id, is_vector)
    last = select(func.max(Document.indexed_at)).join(Source, Source.id == Document.source_id)
    return IndexStatus(
        sources=sum(states.values()),
        waiting=states.get(SourceState.TODO, 0) + states.get(SourceState.DOING, 0),
        failed=states.get(SourceState.FAILED, 0),
        chunks=session.scalar(select(func.count()).select_from(Chunk).where(Chunk.course_id == course_id)) or 0,
        last_indexed_at=session.scalar(last.where(Source.course_id == course_id)),
        embedding_tokens=int(session.scalar(tokens) or 0),
    )
