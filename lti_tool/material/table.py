"""The table of sources: each with what its last indexing came to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.content.models import Chunk, Document, Source, SourceState
from lti_tool.content.progress.models import SourceProgress, Stage

UNFINISHED = frozenset({SourceState.TODO, SourceState.DOING})


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """One line of the table."""

    source: Source
    pages: int | None
    chunks: int
    progress: SourceProgress | None

    @property
    def is_unfinished(self) -> bool:
        """Whether the page is worth looking at again soon: not while the embedding model is away."""
        is_embedding = self.progress is not None and self.progress.stage == Stage.EMBEDDING and not self.progress.note
        return self.source.state in UNFINISHED or is_embedding


def source_rows(session: Session, course_id: int) -> Sequence[SourceRow]:
    """Every source of the course by its title."""
    counted = (
        select(Chunk.source_id, func.count().label("chunks"))
        .where(Chunk.course_id == course_id)
        .group_by(Chunk.source_id)
        .subquery()
    )
    rows = session.execute(
        select(Source, Document.pages, func.coalesce(counted.c.chunks, 0), SourceProgress)
        .outerjoin(Document, Document.source_id == Source.id)
        .outerjoin(counted, counted.c.source_id == Source.id)
        .outerjoin(SourceProgress, SourceProgress.source_id == Source.id)
        .where(Source.course_id == course_id)
        .execution_options(populate_existing=True)
        .order_by(func.lower(Source.title), Source.title)
    )
    return [
        SourceRow(source=source, pages=pages, chunks=chunks, progress=progress)
        for source, pages, chunks, progress in rows
    ]
