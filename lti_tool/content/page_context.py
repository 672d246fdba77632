"""The text of the course page that a student has open, for the prompt (R15): what is indexed of one activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.content.items import ItemKind, Origin
from lti_tool.content.models import Chunk, Source, SourceState


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """`source_id` is the activity's own source, or the first of its parts (a chapter, a file)."""

    title: str
    section: str
    url: str
    text: str
    source_id: UUID


def page_context(session: Session, course_id: int, cmid: int) -> PageContext | None:
    """By Moodle's number of the activity; None where nothing of it is indexed that students may read.

    Whoever sent the number proves nothing by it: it is looked up in this course alone.
    """
    rows = session.execute(
        select(Source, Chunk.text)
        .join(Chunk, Chunk.source_id == Source.id)
        .where(
            Source.course_id == course_id,
            Source.origin == Origin.MOODLE,
            Source.kind != ItemKind.SECTION,
            func.split_part(Source.key, ":", 2) == str(cmid),
            Source.is_visible_to_students,
            Source.state != SourceState.LEFT_OUT,
        )
        .order_by(func.length(Source.key), Source.key, Chunk.position)
    )
    parts = [(source, [text for _, text in found]) for source, found in groupby(rows, key=lambda row: row[0])]
    if not parts:
        return None
    first = parts[0][0]
    return PageContext(
        title=first.title,
        section=first.section,
        url=first.url or "",
        text="\n\n".join(_block(source, texts, is_alone=len(parts) == 1) for source, texts in parts),
        source_id=first.id,
    )


def _block(source: Source, texts: Sequence[str], *, is_alone: bool) -> str:
    """Parts are told apart by their titles."""
    return "\n\n".join(texts if is_alone else [source.title, *texts])
