"""What the tutor knows of a course, for the page before the first question: how much, how fresh, and openings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.models import Chunk, Document, Source

OPENINGS = 3
LONGEST_HEADING = 60


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """The searchable material that this viewer may see."""

    sources: int
    passages: int
    indexed_at: datetime | None
    headings: list[str]


def knowledge_of(session: Session, viewer: Viewer) -> Knowledge:
    """Count the indexed material of the viewer's course and pick headings to begin with."""
    may_see = true() if viewer.is_staff else Source.is_visible_to_students.is_(True)
    row = session.execute(
        select(
            func.count(Chunk.source_id.distinct()).label("sources"),
            func.count(Chunk.id).label("passages"),
            func.max(Document.indexed_at).label("indexed_at"),
        )
        .join(Source, Source.id == Chunk.source_id)
        .join(Document, Document.id == Chunk.document_id)
        .where(Chunk.course_id == viewer.course_id, may_see)
    ).one()
    return Knowledge(
        sources=row.sources,
        passages=row.passages,
        indexed_at=row.indexed_at,
        headings=_latest_headings(session, viewer, may_see),
    )


def _latest_headings(session: Session, viewer: Viewer, may_see: ColumnElement[bool]) -> list[str]:
    """Of the material that was added last: most likely what the course is about now."""
    first = (
        select(
            Chunk.heading, func.max(Source.changed_at).label("changed_at"), func.min(Chunk.position).label("position")
        )
        .join(Source, Source.id == Chunk.source_id)
        .where(
            Chunk.course_id == viewer.course_id,
            may_see,
            func.length(Chunk.heading).between(3, LONGEST_HEADING),
        )
        .group_by(Chunk.heading)
        .subquery()
    )
    latest = select(first.c.heading).order_by(first.c.changed_at.desc(), first.c.position).limit(OPENINGS)
    return list(session.scalars(latest))
