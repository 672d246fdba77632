"""Files of a pile: each is taken or refused by itself with a sentence, and nothing of a refused one is kept.

All files are looked at before the first is stored, so that the exam is locked for the storing alone.
"""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
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
from lti_tool.scans.exam import lock_exam, subject_of
from lti_tool.scans.file_names import NamePatterns, NameReading
from lti_tool.scans.matching import propose
from lti_tool.scans.models import Batch, Paper
from lti_tool.scans.states import PaperState
from lti_tool.scans.tasks import draw_header
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file that may be stored."""

    upload: AcceptedUpload
    reading: NameReading


def take_uploads(
    session: Session, viewer: Viewer, uploads: Iterable[Upload], store: FileStore, *, batch_id: UUID
) -> list[Outcome]:
    """Keep the good files as papers of one pile, and propose whose each is."""
    patterns = NamePatterns.of_course(session, viewer.course_id)
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    with ExitStack() as stack:
        checked = [_check(upload, patterns, most, stack) for upload in uploads]
        exam = lock_exam(session, viewer)
        if not subject_of(exam):
            raise InvalidInput("no_subject_code", "Say first which subject code the files of this exam carry.")
        return [
            one if isinstance(one, Outcome) else _keep(session, viewer, exam, one, store, batch_id) for one in checked
        ]


def _check(upload: Upload, patterns: NamePatterns, most: int, stack: ExitStack) -> Checked | Outcome:
    name = clean_name(upload.name)
    try:
        reading = patterns.read(name)
        with upload.stream:
            accepted = accept(upload.stream, name=name, allowed=frozenset({MediaType.PDF}), max_bytes=most)
    except InvalidInput as refusal:
        return Outcome(name=name, reason=refusal.message)
    return Checked(upload=stack.enter_context(accepted), reading=reading)


def _keep(
    session: Session, viewer: Viewer, exam: Placement, checked: Checked, store: FileStore, batch_id: UUID
) -> Outcome:
    name = checked.upload.name
    if earlier := _find_same(session, exam, checked.upload):
        return Outcome(name=name, reason=_already(name, earlier))
    paper = _add(session, viewer, exam, checked, store, batch_id)
    propose(session, exam, paper)
    draw_header.enqueue(session, file_id=str(paper.file.id))
    _tell(session, viewer, paper)
    return Outcome(name=name)


def _find_same(session: Session, exam: Placement, upload: AcceptedUpload) -> Paper | None:
    upload.stream.seek(0)
    sha256 = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return session.scalar(
        select(Paper).where(Paper.placement_id == exam.id, Paper.sha256 == sha256, Paper.state != PaperState.DISCARDED)
    )


def _already(name: str, earlier: Paper) -> str:
    if name == earlier.file.name:
        return f"“{name}” was received already, with exactly this content. It was not stored a second time."
    return f"“{name}” has exactly the content of “{earlier.file.name}”, which was received already. It was not stored."


def _add(
    session: Session, viewer: Viewer, exam: Placement, checked: Checked, store: FileStore, batch_id: UUID
) -> Paper:
    upload = checked.upload
    stored = store.put(
        session, upload.stream, name=upload.name, media_type=upload.media_type, course_id=viewer.course_id
    )
    paper = Paper(
        placement_id=exam.id,
        batch_id=_batch(session, viewer, exam, batch_id).id,
        file=stored,
        sha256=stored.sha256,
        pages=upload.pages or 1,
        register_number=checked.reading.register_number,
        subject_code=checked.reading.subject_code,
        changed_at=now(),
    )
    session.add(paper)
    session.flush()
    return paper


def _batch(session: Session, viewer: Viewer, exam: Placement, batch_id: UUID) -> Batch:
    """The pile of this page, begun with its first good file; files come one request at a time."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        batch = Batch(id=batch_id, placement_id=exam.id, uploaded_by_id=viewer.person_id)
        session.add(batch)
        session.flush()
    if (batch.placement_id, batch.uploaded_by_id) != (exam.id, viewer.person_id):
        raise NotFound("batch_unknown")
    return batch


def _tell(session: Session, viewer: Viewer, paper: Paper) -> None:
    audit.record(
        session,
        "scans.uploaded",
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="paper",
        object_id=paper.id,
        details={
            "batch": paper.batch_id,
            "sha256": paper.sha256,
            "pages": paper.pages,
            "state": paper.state,
            "problem": paper.problem,
            "person": paper.person_id,
        },
    )
    record_event(
        session,
        EventKind.EXAM_UPLOADED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=paper.placement_id,
        details={"pages": paper.pages},
    )
