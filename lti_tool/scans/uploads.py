"""Files of a pile: each is taken or refused by itself with a sentence, and what became of each is kept (SentFile).

All files are looked at before the first is stored, so that the exam is locked for the storing alone. A file whose name
claims a student is that student's paper at once, as a claim; any other waits for what is read on its pages.
"""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind
from lti_tool.activity.events import record as record_event
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import AcceptedUpload, accept, clean_name
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.files.virus_scan import NO_SCAN, VirusScan
from lti_tool.scans.exam import expected_pages, lock_exam, subject_of
from lti_tool.scans.file_names import NamePatterns, NameReading
from lti_tool.scans.matching import propose
from lti_tool.scans.models import Batch, Paper, SentFile
from lti_tool.scans.pages.arranging import arrange
from lti_tool.scans.pages.decoding import PAGES_AT_ONCE
from lti_tool.scans.pages.models import Evidence, Page
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.states import FileState, Source
from lti_tool.scans.tasks import read_pages
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read

ALLOWED = frozenset({MediaType.PDF, MediaType.JPEG, MediaType.PNG, MediaType.TIFF})


@dataclass(frozen=True, kw_only=True)
class Pile:
    """Where files go, and who is answerable for them."""

    exam: Placement
    batch_id: UUID
    person_id: int
    role: str
    source: Source = Source.UPLOAD


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A file that is not taken, and why."""

    name: str
    refusal: InvalidInput


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file that may be stored; its name may claim whose it is."""

    upload: AcceptedUpload
    reading: NameReading | None


def take_uploads(
    session: Session,
    viewer: Viewer,
    uploads: Iterable[Upload],
    store: FileStore,
    *,
    batch_id: UUID,
    scan: VirusScan = NO_SCAN,
) -> list[Outcome]:
    """Keep the good files of a form as files of one pile."""
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    patterns = NamePatterns.of_course(session, viewer.course_id)
    with ExitStack() as stack:
        checked = [check_one(upload, patterns, most, stack, scan) for upload in uploads]
        exam = lock_exam(session, viewer)
        pile = Pile(exam=exam, batch_id=batch_id, person_id=viewer.person_id, role=viewer.role)
        return keep_all(session, pile, checked, store)


def keep_all(
    session: Session,
    pile: Pile,
    checked: Iterable[Checked | Refused],
    store: FileStore,
    *,
    parent: SentFile | None = None,
) -> list[Outcome]:
    """Store what was looked at; the caller holds the exam's lock."""
    if not subject_of(pile.exam):
        raise InvalidInput("no_subject_code", "Say first which subject code the files of this exam carry.")
    return [_keep(session, pile, one, store, parent) for one in checked]


def check_one(
    upload: Upload, patterns: NamePatterns, most: int, stack: ExitStack, scan: VirusScan
) -> Checked | Refused:
    """Look at a file in the limited process; nothing is locked or stored meanwhile."""
    name = clean_name(upload.name)
    try:
        with upload.stream:
            accepted = stack.enter_context(accept(upload.stream, name=name, allowed=ALLOWED, max_bytes=most))
        scan.check(Path(accepted.stream.name), name)
    except InvalidInput as refusal:
        return Refused(name=name, refusal=refusal)
    return Checked(upload=accepted, reading=patterns.find(name))


def _keep(session: Session, pile: Pile, one: Checked | Refused, store: FileStore, parent: SentFile | None) -> Outcome:
    if isinstance(one, Refused):
        return refuse(session, pile, one, parent)
    sha256 = _hash(one.upload)
    if earlier := _find_same(session, pile.exam, sha256):
        sent = _sent_file(session, pile, one.upload.name, parent, state=FileState.REPEATED, sha256=sha256)
        sent.same_as_id = earlier.id
        session.add(sent)
        session.flush()
        return Outcome(name=sent.name, refusal=_already(sent.name, earlier))
    sent = _store(session, pile, one, store, parent)
    pages = begin_pages(session, sent)
    if one.reading:
        begin_paper(session, pile.exam, sent, pages, one.reading)
    _ask_for_reading(session, sent)
    _tell(session, pile, sent)
    return Outcome(name=sent.name)


def refuse(session: Session, pile: Pile, one: Refused, parent: SentFile | None = None) -> Outcome:
    """Keep in the list of the pile that a file was not taken, and why."""
    sent = _sent_file(session, pile, one.name, parent, state=FileState.FAILED, sha256="")
    sent.reason = one.refusal.sentence
    session.add(sent)
    session.flush()
    return Outcome(name=one.name, refusal=one.refusal)


def note_archive(session: Session, pile: Pile, name: str, *, state: FileState) -> SentFile:
    """The archive in the list of its pile: its members name it."""
    sent = _sent_file(session, pile, clean_name(name), None, state=state, sha256="")
    session.add(sent)
    session.flush()
    return sent


def _sent_file(
    session: Session, pile: Pile, name: str, parent: SentFile | None, *, state: FileState, sha256: str
) -> SentFile:
    return SentFile(
        placement_id=pile.exam.id,
        batch_id=batch_of(session, pile).id,
        parent_id=parent.id if parent else None,
        name=name,
        sha256=sha256,
        state=state,
        reason="",
    )


def _hash(upload: AcceptedUpload) -> str:
    upload.stream.seek(0)
    return hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _find_same(session: Session, exam: Placement, sha256: str) -> SentFile | None:
    return session.scalar(
        select(SentFile).where(
            SentFile.placement_id == exam.id,
            SentFile.sha256 == sha256,
            SentFile.state.in_([FileState.RECEIVED, FileState.READ]),
        )
    )


def _already(name: str, earlier: SentFile) -> InvalidInput:
    if name == earlier.name:
        return InvalidInput(
            "file_repeated",
            "“%(name)s” was received already, with exactly this content. It was not stored a second time.",
            {"name": name},
        )
    return InvalidInput(
        "file_repeated",
        "“%(name)s” has exactly the content of “%(earlier)s”, which was received already. It was not stored.",
        {"name": name, "earlier": earlier.name},
    )


def _store(session: Session, pile: Pile, checked: Checked, store: FileStore, parent: SentFile | None) -> SentFile:
    upload = checked.upload
    stored = store.put(
        session, upload.stream, name=upload.name, media_type=upload.media_type, course_id=pile.exam.course_id
    )
    sent = _sent_file(session, pile, upload.name, parent, state=FileState.RECEIVED, sha256=stored.sha256)
    sent.file, sent.pages = stored, upload.pages or 1
    session.add(sent)
    session.flush()
    return sent


def begin_pages(session: Session, sent: SentFile) -> list[Page]:
    """A row for each page of a file, still without a picture."""
    pages = [
        Page(
            placement_id=sent.placement_id,
            sent_file=sent,
            number=number,
            phash="",
            sha256="",
            rotation=0,
            reason="",
            changed_at=now(),
        )
        for number in range(1, sent.pages + 1)
    ]
    session.add_all(pages)
    session.flush()
    return pages


def begin_paper(session: Session, exam: Placement, sent: SentFile, pages: list[Page], reading: NameReading) -> Paper:
    """The paper that a file's name claims; the claim is evidence like any other, and weak by itself."""
    paper = Paper(
        placement_id=sent.placement_id,
        batch_id=sent.batch_id,
        name=sent.name,
        register_number=reading.register_number,
        subject_code=reading.subject_code,
        changed_at=now(),
    )
    session.add(paper)
    session.flush()
    arrange(session, paper, pages, expected=expected_pages(exam))
    session.add(
        Evidence(
            paper_id=paper.id,
            kind=EvidenceKind.FILENAME,
            claim=reading.register_number,
            confidence=1.0,
            model_version="file name",
            details={"subject": reading.subject_code},
        )
    )
    session.flush()
    propose(session, exam, paper)
    return paper


def _ask_for_reading(session: Session, sent: SentFile) -> None:
    for first in range(1, sent.pages + 1, PAGES_AT_ONCE):
        last = min(first + PAGES_AT_ONCE - 1, sent.pages)
        read_pages.enqueue(session, sent_file_id=str(sent.id), first=first, last=last)


def batch_of(session: Session, pile: Pile) -> Batch:
    """The pile's row, begun with its first file; files come one request at a time."""
    batch = session.get(Batch, pile.batch_id)
    if batch is None:
        batch = Batch(id=pile.batch_id, placement_id=pile.exam.id, uploaded_by_id=pile.person_id, source=pile.source)
        session.add(batch)
        session.flush()
    if (batch.placement_id, batch.uploaded_by_id) != (pile.exam.id, pile.person_id):
        raise NotFound("batch_unknown")
    return batch


def _tell(session: Session, pile: Pile, sent: SentFile) -> None:
    audit.record(
        session,
        "scans.uploaded",
        course_id=pile.exam.course_id,
        actor_id=pile.person_id,
        actor_role=pile.role,
        object_type="scan_file",
        object_id=sent.id,
        details={"batch": sent.batch_id, "sha256": sent.sha256, "pages": sent.pages, "source": pile.source},
    )
    record_event(
        session,
        EventKind.EXAM_UPLOADED,
        course_id=pile.exam.course_id,
        person_id=pile.person_id,
        placement_id=pile.exam.id,
        details={"pages": sent.pages},
    )
