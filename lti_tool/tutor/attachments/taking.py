"""Taking a file to ask about: switched on, of the right kind, small enough, few enough (R9, R137)."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.formats import extract
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files import images, sandbox
from lti_tool.files.intake import AcceptedUpload, accept
from lti_tool.files.media_types import IMAGES, LABELS, SUFFIXES, MediaType
from lti_tool.files.store import FileStore
from lti_tool.site_settings.chat import (
    ENABLE_IMAGES,
    ENABLE_UPLOAD,
    MODEL_SEES,
    MOST_ATTACHMENT_MB,
    MOST_ATTACHMENTS,
)
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.tutor.attachments.models import AttachmentKind, TurnAttachment

DOCUMENTS = frozenset({MediaType.PDF, MediaType.TEXT, MediaType.MARKDOWN})
LONGEST_TEXT = 100_000
MOST_PENDING = 20
"""Of one person: whoever uploads more without asking loses the oldest."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What may be attached in a course, how many files at once and how large."""

    kinds: frozenset[MediaType]
    most: int
    megabytes: int

    @property
    def most_bytes(self) -> int:
        return self.megabytes * 1024 * 1024

    @property
    def words(self) -> str:
        """The kinds by their names."""
        return ", ".join(LABELS[kind] for kind in MediaType if kind in self.kinds)

    @property
    def endings(self) -> str:
        """As a browser's file dialogue wants them."""
        return ",".join(ending for kind in MediaType if kind in self.kinds for ending in SUFFIXES[kind])


def offer_of(settings: Snapshot) -> Offer:
    """Pictures only where the model sees them."""
    pictures = IMAGES if settings.read(ENABLE_IMAGES) and settings.read(MODEL_SEES) else frozenset()
    documents = DOCUMENTS if settings.read(ENABLE_UPLOAD) else frozenset()
    return Offer(
        kinds=pictures | documents,
        most=settings.read(MOST_ATTACHMENTS),
        megabytes=settings.read(MOST_ATTACHMENT_MB),
    )


def take_attachment(session: Session, viewer: Viewer, stream: IO[bytes], name: str, store: FileStore) -> TurnAttachment:
    """Check and keep a file for the viewer's next question; raises NotAllowed or InvalidInput in words for them."""
    offer = offer_of(snapshot(session, viewer.course_id))
    if not offer.kinds:
        raise NotAllowed("uploads_off", "Files cannot be attached in this course.")
    with accept(stream, name=name, allowed=offer.kinds, max_bytes=offer.most_bytes) as upload:
        attachment = _picture(upload) if upload.media_type in IMAGES else _document(upload)
        content = attachment.content or upload.stream
        stored = store.put(
            session, content, name=attachment.name, media_type=attachment.media_type, course_id=viewer.course_id
        )
    _forget_oldest(session, viewer)
    kept = TurnAttachment(
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        file=stored,
        kind=attachment.kind,
        text=attachment.text,
    )
    session.add(kept)
    session.flush()
    return kept


def require_few(session: Session, viewer: Viewer, count: int) -> None:
    """Raises InvalidInput for more files than may go with a question: before they are read, for reading takes long."""
    most = offer_of(snapshot(session, viewer.course_id)).most if count else 0
    if count > most:
        raise InvalidInput("too_many_attachments", "At most %(most)s files can go with a question.", {"most": most})


def pending_of(session: Session, viewer: Viewer, ids: Sequence[object]) -> list[TurnAttachment]:
    """The viewer's own that wait for a question; raises InvalidInput if one does not, or there are too many."""
    if not ids:
        return []
    require_few(session, viewer, len(ids))
    found = session.scalars(
        select(TurnAttachment)
        .where(TurnAttachment.id.in_(ids), _is_pending(viewer))
        .order_by(TurnAttachment.created_at)
        .with_for_update(of=TurnAttachment)
    ).all()
    if len(found) != len(set(ids)):
        raise InvalidInput("attachment_unknown", "An attached file is gone. Attach it again.")
    return list(found)


@dataclass(frozen=True, kw_only=True)
class _Made:
    name: str
    kind: AttachmentKind
    media_type: MediaType
    text: str = ""
    content: IO[bytes] | None = None


def _picture(upload: AcceptedUpload) -> _Made:
    """Without what a camera writes beside it (where, when, whose), and no larger than a model looks at."""
    plain = base64.b64decode(sandbox.run(images.plain_copy, upload.stream.name))
    return _Made(
        name=f"{PurePosixPath(upload.name).stem}.jpg",
        kind=AttachmentKind.IMAGE,
        media_type=MediaType.JPEG,
        content=io.BytesIO(plain),
    )


def _document(upload: AcceptedUpload) -> _Made:
    sections = extract(Path(upload.stream.name), upload.media_type)
    text = "\n\n".join(part for section in sections for part in (section["heading"], section["text"]) if part)
    if not text.strip():
        raise InvalidInput("no_text", "No text was found in “%(name)s”.", {"name": upload.name})
    return _Made(name=upload.name, kind=AttachmentKind.DOCUMENT, media_type=upload.media_type, text=text[:LONGEST_TEXT])


def _is_pending(viewer: Viewer) -> ColumnElement[bool]:
    return (
        (TurnAttachment.person_id == viewer.person_id)
        & (TurnAttachment.course_id == viewer.course_id)
        & TurnAttachment.turn_id.is_(None)
    )


def _forget_oldest(session: Session, viewer: Viewer) -> None:
    newest = select(TurnAttachment.id).where(_is_pending(viewer)).order_by(TurnAttachment.created_at.desc())
    session.execute(
        delete(TurnAttachment).where(_is_pending(viewer), TurnAttachment.id.not_in(newest.limit(MOST_PENDING)))
    )
