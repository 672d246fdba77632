"""What the tutor knows of a course, for the page before the first question: how much, how fresh, and openings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.models import Chunk, Document, Source
from lti_tool.db import columns

OPENINGS = 3
LONGEST_HEADING = 60

MAY_SEE = bindparam("is_staff", type_=Boolean) | Source.is_visible_to_students
CANDIDATES = (
    select(Chunk.heading, func.max(Source.changed_at).label("changed_at"), func.min(Chunk.position).label("position"))
    .join(Source, Source.id == Chunk.source_id)
    .where(Chunk.course_id == bindparam("course_id"), MAY_SEE, func.length(Chunk.heading).between(3, LONGEST_HEADING))
    .where(~Chunk.heading.like("%?"))
    .group_by(Chunk.heading)
    .subquery()
)
# Of the material that was added last: most likely what the course is about now.
LATEST = select(CANDIDATES.c.heading).order_by(CANDIDATES.c.changed_at.desc(), CANDIDATES.c.position).limit(OPENINGS)
KNOWN = (
    select(
        func.count(Chunk.source_id.distinct()).label("sources"),
        func.count(Chunk.id).label("passages"),
        func.max(Document.indexed_at).label("indexed_at"),
        func.array(LATEST.scalar_subquery(), type_=ARRAY(String)).label("headings"),
    )
    .join(Source, Source.id == Chunk.source_id)
    .join(Document, Document.id == Chunk.document_id)
    .where(Chunk.course_id == bindparam("course_id"), MAY_SEE)
)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The searchable material that this viewer may see."""

    sources: int
    passages: int
    indexed_at: datetime | None
    headings: list[str]


def knowledge_of(session: Session, viewer: Viewer) -> Knowledge:
    """Count the indexed material of the viewer's course and pick headings to begin with."""
    row = columns(session, KNOWN, {"course_id": viewer.course_id, "is_staff": viewer.is_staff}).one()
    return Knowledge(sources=row.sources, passages=row.passages, indexed_at=row.indexed_at, headings=row.headings)
