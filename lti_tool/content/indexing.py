"""From a file to chunks that can be found: extract, cut, keep what did not change (R41-R43, R46).

The text is extracted between two transactions, for a large file takes seconds. A chunk whose heading and text stayed
the same keeps its row, and with it its vector and the citations that name it.
"""

import logging
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from lti_tool.content.chunking import AIM, Piece, pieces_of
from lti_tool.content.extraction.formats import PAGED, VERSION, extract
from lti_tool.content.extraction.sections import Section
from lti_tool.content.lexemes import terms_of, vector_of
from lti_tool.content.models import Chunk, Document, Source, SourceState
from lti_tool.content.progress.models import Stage
from lti_tool.content.progress.stages import tell, tell_within
from lti_tool.content.security import Place, Spot, record_injection
from lti_tool.db import now, transaction
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.injection.patterns import Trick
from lti_tool.site_settings.patterns import N_

log = logging.getLogger(__name__)

OURS = N_("Something went wrong here and not in the file. Have it read again, or ask the administrator.")


def index_source(engine: Engine, store: FileStore, source_id: UUID) -> bool:
    """Index the present file of a source; whether it now has chunks. One that is gone or left out needs nothing."""
    with transaction(engine) as session:
        source = session.get(Source, source_id, with_for_update={"of": Source})
        if source is None or source.file is None or source.state == SourceState.LEFT_OUT:
            return False
        source.state, source.reason = SourceState.DOING, ""
        stored = source.file
    told = partial(tell, engine, source_id, Stage.READING)
    told(0, 0)
    try:
        sections = extract(_checked_path(store, stored), MediaType(stored.media_type), told)
    except ToolError as error:
        log.warning("source_not_indexed", extra={"code": error.code, "source": str(source_id)})
        _finish(engine, source_id, stored, error=error)
        return False
    tell(engine, source_id, Stage.CUTTING)
    return _finish(engine, source_id, stored, sections=sections)


def give_up(engine: Engine, source_id: UUID) -> None:
    """Say on the page that a source failed for a reason that is ours and not the file's."""
    with transaction(engine) as session:
        source = session.get(Source, source_id, with_for_update={"of": Source})
        if source is not None and source.state == SourceState.DOING:
            source.state = SourceState.FAILED
            source.reason = OURS


def _checked_path(store: FileStore, stored: StoredFile) -> Path:
    store.verify(stored)
    return store.path(stored)


def _finish(
    engine: Engine,
    source_id: UUID,
    stored: StoredFile,
    *,
    sections: list[Section] | None = None,
    error: ToolError | None = None,
) -> bool:
    with transaction(engine) as session:
        source = session.get(Source, source_id, with_for_update={"of": Source})
        # A newer version, a deletion or a choice to leave it out came meanwhile: its own job does the rest.
        if source is None or source.file_id != stored.id or source.state == SourceState.LEFT_OUT:
            return False
        if error is not None:
            source.state, source.reason = SourceState.FAILED, error.sentence
            tell_within(session, source_id, Stage.READY)
            return False
        store_document(session, source, sections or [])
        source.state, source.reason = SourceState.SUCCEEDED, ""
        tell_within(session, source_id, Stage.READY)
    return True


def store_document(session: Session, source: Source, sections: list[Section], *, aim: int = AIM) -> Document:
    """Make these sections the text of the source, writing only the chunks that are new."""
    pieces = pieces_of(sections, aim)
    if not pieces:
        raise InvalidInput("no_text", "No text was found in this file.")
    document = session.scalar(select(Document).where(Document.source_id == source.id)) or Document(source_id=source.id)
    is_paged = MediaType(source.kept_file.media_type) in PAGED
    document.sha256, document.extraction, document.indexed_at = source.kept_file.sha256, VERSION, now()
    document.pages = max((section["page"] or 0 for section in sections), default=0) if is_paged else None
    session.add(document)
    session.flush()
    _replace_chunks(session, source, document, pieces)
    return document


def _replace_chunks(session: Session, source: Source, document: Document, pieces: list[Piece]) -> None:
    known: defaultdict[str, list[Chunk]] = defaultdict(list)
    for chunk in session.scalars(select(Chunk).where(Chunk.source_id == source.id).order_by(Chunk.position.desc())):
        known[chunk.sha256].append(chunk)
    fresh, tricks = [], set[Trick]()
    for piece in pieces:
        if same := known[piece.sha256]:
            kept = same.pop()
            kept.position, kept.page = piece.position, piece.page
        else:
            fresh.append(_row(source, document, piece))
            tricks.update(neutralised(piece.text).tricks)
    gone = [chunk.id for left in known.values() for chunk in left]
    if gone:
        session.execute(delete(Chunk).where(Chunk.id.in_(gone)))
    if fresh:
        session.execute(insert(Chunk), fresh)
    spot = Spot(place=Place.SOURCE, object_id=source.id, course_id=source.course_id)
    record_injection(session, spot, sorted(tricks))
    session.flush()


def _row(source: Source, document: Document, piece: Piece) -> dict[str, object]:
    terms = Counter(terms_of(f"{piece.heading}\n{piece.text}"))
    return {
        "course_id": source.course_id,
        "source_id": source.id,
        "document_id": document.id,
        "position": piece.position,
        "page": piece.page,
        "heading": piece.heading,
        "sha256": piece.sha256,
        "term_count": terms.total(),
        "text": piece.text,
        "tsv": vector_of(source.course_id, terms),
    }
