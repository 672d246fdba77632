"""Writing down how far a source is. Each step is committed at once, apart from the work it tells of."""

from uuid import UUID

from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session

from lti_tool.content.models import Source
from lti_tool.content.progress.models import SourceProgress, Stage
from lti_tool.db import now, transaction

# A source that was deleted meanwhile gets no row.
WRITE = text("""
INSERT INTO source_progress (source_id, stage, done, total, unread_pages, changed_at)
SELECT id, :stage, :done, :total, :unread, :now FROM source WHERE id = :source
ON CONFLICT (source_id) DO UPDATE SET stage = excluded.stage, done = excluded.done, total = excluded.total,
    note = '', changed_at = excluded.changed_at,
    unread_pages = CASE WHEN excluded.stage = 'reading' THEN excluded.unread_pages
                        ELSE source_progress.unread_pages END
""")

# Sources that lack a vector of this model, and those that got their last one just now.
COUNT_VECTORS = text("""
INSERT INTO source_progress (source_id, stage, done, total, changed_at)
SELECT source_id, CASE WHEN vectors < chunks THEN 'embedding' ELSE 'ready' END, vectors, chunks, :now FROM (
    SELECT chunk.source_id, count(*) AS chunks, count(made.chunk_id) AS vectors
    FROM chunk LEFT JOIN chunk_embedding AS made ON made.chunk_id = chunk.id
        AND made.model_id = (SELECT id FROM embedding_model WHERE name = :model)
    WHERE chunk.course_id = :course GROUP BY chunk.source_id
) AS counted
WHERE vectors < chunks OR EXISTS (
    SELECT FROM source_progress AS shown WHERE shown.source_id = counted.source_id AND shown.stage = 'embedding'
)
ON CONFLICT (source_id) DO UPDATE SET stage = excluded.stage, done = excluded.done, total = excluded.total,
    note = '', changed_at = excluded.changed_at
""")


def tell(engine: Engine, source_id: UUID, stage: Stage, done: int = 0, total: int = 0) -> None:
    """This source is at this stage now."""
    with transaction(engine) as session:
        tell_within(session, source_id, stage, done, total)


def tell_within(session: Session, source_id: UUID, stage: Stage, done: int = 0, total: int = 0) -> None:
    """The same as part of a change that decides it."""
    unread = total - done if stage is Stage.READING else 0
    values = {"source": source_id, "stage": stage, "done": done, "total": total, "unread": unread, "now": now()}
    session.execute(WRITE, values)


def tell_vectors(engine: Engine, course_id: int, model: str) -> None:
    """How many passages of each source of the course have a vector of this model."""
    with transaction(engine) as session:
        session.execute(COUNT_VECTORS, {"course": course_id, "model": model, "now": now()})


def tell_waiting(engine: Engine, course_id: int, reason: str) -> None:
    """Why the vectors of the course do not come on; they are tried again."""
    sources = Source.__table__.select().with_only_columns(Source.id).where(Source.course_id == course_id)
    with transaction(engine) as session:
        session.execute(
            update(SourceProgress)
            .where(SourceProgress.source_id.in_(sources), SourceProgress.stage == Stage.EMBEDDING)
            .values(note=reason, changed_at=now())
            .execution_options(synchronize_session=False)
        )
