"""A cited passage in its surroundings: the chunk before, the chunk itself, the chunk after."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.formats import PAGED
from lti_tool.content.models import Chunk, Document, Source
from lti_tool.content.retrieval import passage_for
from lti_tool.files.media_types import MediaType


@dataclass(frozen=True, kw_only=True)
class PassageInContext:
    """What the passage page shows."""

    chunk: Chunk
    source: Source
    before: Chunk | None
    after: Chunk | None
    pages: int | None

    @property
    def has_picture(self) -> bool:
        return is_drawable(self.chunk, self.source)

    @property
    def is_slide(self) -> bool:
        return PAGED.get(MediaType(self.source.kept_file.media_type)) == "slide"


def passage_in_context(session: Session, viewer: Viewer, chunk_id: int) -> PassageInContext:
    """Load and check the passage, then its neighbours in the same document; raises NotFound."""
    chunk, source = passage_for(session, viewer, chunk_id)
    near = session.scalars(
        select(Chunk).where(
            Chunk.document_id == chunk.document_id, Chunk.position.between(chunk.position - 1, chunk.position + 1)
        )
    )
    by_position = {other.position: other for other in near}
    return PassageInContext(
        chunk=chunk,
        source=source,
        before=by_position.get(chunk.position - 1),
        after=by_position.get(chunk.position + 1),
        pages=session.scalar(select(Document.pages).where(Document.id == chunk.document_id)),
    )


def is_drawable(chunk: Chunk, source: Source) -> bool:
    return source.kept_file.media_type == MediaType.PDF and chunk.page is not None
