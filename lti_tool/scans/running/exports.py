"""The marked papers of an exam as a ZIP: asked for by staff, put together by a job, downloaded when it is ready.

For Moodle each file is named `Full name_<participant number>_assignfeedback_file_<title>.pdf`. Whoever has no number
there lies in a folder that Moodle passes over; without any numbers the files are named for people.
"""

import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import BLOCK, FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_of
from lti_tool.scans.running.models import Export, ExportState
from lti_tool.scans.running.released import MarkedPaper, file_of, marked_papers

AREA = "assignfeedback_file"
PASSED_OVER = "without number"
LONGEST = 80
UNWANTED = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|_]+')


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of the ZIP."""

    name: str
    file: StoredFile


def ask_export(
    session: Session, viewer: Viewer, *, is_for_moodle: bool, module: int | None, numbers: Mapping[int, int]
) -> Export:
    """Keep what is wanted; the caller queues the job."""
    viewer.require(Capability.HANDLE_SCANS)
    viewer.require(Capability.GRADE)
    if is_for_moodle and module is None and not numbers:
        raise InvalidInput("numbers_missing", "Give the address of the assignment, or its grading worksheet.")
    exam = exam_of(session, viewer)
    export = Export(
        placement_id=exam.id,
        by_id=viewer.person_id,
        is_for_moodle=is_for_moodle,
        module=module,
        numbers={str(person_id): number for person_id, number in numbers.items()},
    )
    session.add(export)
    session.flush()
    audit.by(session, viewer, "scans.export_asked", object_type="scan_export", object_id=export.id)
    return export


def exports_of(session: Session, viewer: Viewer) -> Sequence[Export]:
    """The exports of the viewer's exam, the newest first."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    return session.scalars(
        select(Export).where(Export.placement_id == exam.id).order_by(Export.created_at.desc()).limit(20)
    ).all()


def export_for(session: Session, viewer: Viewer, export_id: UUID) -> Export:
    """A ready export of the viewer's exam, to download; that it was taken is kept. Raises NotFound."""
    viewer.require(Capability.HANDLE_SCANS)
    viewer.require(Capability.GRADE)
    export = session.scalar(
        select(Export).where(Export.id == export_id, Export.placement_id == exam_of(session, viewer).id)
    )
    if export is None or export.file is None:
        raise NotFound("export_unknown")
    audit.by(
        session,
        viewer,
        "scans.exported",
        object_type="scan_export",
        object_id=export.id,
        details={"sha256": export.file.sha256, "papers": export.papers},
    )
    return export


def make_export(runtime: Runtime, export_id: UUID, numbers: Mapping[int, int]) -> None:
    """Put the ZIP together while no transaction is open, and keep it."""
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        export = session.get_one(Export, export_id)
        is_for_moodle = export.is_for_moodle
        exam = session.get_one(Placement, export.placement_id)
        title, course_id, papers = exam.title, exam.course_id, marked_papers(session, exam)
    members = []
    for paper in papers:
        number = numbers.get(paper.person.id) if is_for_moodle else None
        with transaction(runtime.engine) as session:
            file = file_of(session, store, paper)
        members.append(Member(name=name_of(paper, title, number, is_for_moodle=is_for_moodle), file=file))
    unnamed = sum(member.name.startswith(PASSED_OVER) for member in members)
    with tempfile.TemporaryFile() as target:
        write_zip(target, store, members)
        with transaction(runtime.engine) as session:
            export = session.get_one(Export, export_id, with_for_update={"of": Export})
            if members:
                name = f"{_clean(title) or 'papers'}.zip"
                stored = store.put(session, target, name=name, media_type=MediaType.ARCHIVE, course_id=course_id)
                export.file_id = stored.id
            export.papers, export.unnamed, export.state = len(members), unnamed, ExportState.READY


def write_zip(target: object, store: FileStore, members: Sequence[Member]) -> None:
    """The files as they are, a block at a time; PDFs do not get smaller by packing."""
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # any binary file
        for member in members:
            entry = zipfile.ZipInfo(_free(member.name, taken))
            entry.file_size = member.file.size
            with store.open(member.file) as source, archive.open(entry, "w") as output:
                while block := source.read(BLOCK):
                    output.write(block)


def name_of(paper: MarkedPaper, title: str, number: int | None, *, is_for_moodle: bool) -> str:
    """What the file is called in the ZIP."""
    person = _clean(paper.name)
    if number is not None:
        return f"{person}_{number}_{AREA}_{_clean(title) or 'paper'}.pdf"
    plain = " ".join(filter(None, (_clean(paper.register_number), person))) + ".pdf"
    return f"{PASSED_OVER}/{plain}" if is_for_moodle else plain


def _clean(text: str) -> str:
    """Without what Moodle or a file system reads otherwise; a leading dot or tilde would hide the file."""
    plain = UNWANTED.sub(" ", unicodedata.normalize("NFC", text))
    return " ".join(plain.split()).lstrip(".~ ")[:LONGEST].strip()


def _free(name: str, taken: set[str]) -> str:
    """Two people of one name and no number: the second gets a number, and no file is lost."""
    stem, number, free = name.removesuffix(".pdf"), 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} ({number}).pdf"
    taken.add(free.casefold())
    return free
