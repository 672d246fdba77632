"""Files on this machine into a pile: finished uploads, a scanner's file, a folder; a ZIP is its members.

Each file is looked at while no transaction is open, then stored in one of its own: a bad one fails alone.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.files.virus_scan import VirusScan
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_by_id
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.intake.archives import unpack
from lti_tool.scans.intake.parts import ZIP
from lti_tool.scans.models import SentFile
from lti_tool.scans.states import FileState, Source
from lti_tool.scans.uploads import Pile, Refused, check_one, keep_all, note_archive, refuse
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read

UNPACKING = sandbox.Limits(memory=sandbox.MEMORY, cpu_seconds=300)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Whose pile it is, and the exam it is for."""

    placement_id: UUID
    batch_id: UUID
    person_id: int
    role: str
    source: Source


def take_in(runtime: Runtime, sender: Sender, path: Path, name: str, *, most_bytes: int) -> list[Outcome]:
    """Keep one file, or every file of an archive; what became of each."""
    if not _is_archive(path):
        return [_take_one(runtime, sender, path, name, most_bytes)]
    with tempfile.TemporaryDirectory(prefix="lectern-archive-") as folder:
        try:
            members = sandbox.run_within(UNPACKING, unpack, str(path), folder, sandbox.OUTPUT_BYTES)
        except InvalidInput as refusal:
            return [_refuse(runtime, sender, name, refusal)]
        parent = _note_archive(runtime, sender, name)
        return [_take_member(runtime, sender, Path(folder), member, most_bytes, parent) for member in members]


def _take_member(
    runtime: Runtime, sender: Sender, folder: Path, member: dict[str, str], most_bytes: int, parent: UUID
) -> Outcome:
    name = member["name"]
    if "file" not in member:
        return _refuse(runtime, sender, name, _refusal(name, member["reason"]), parent)
    return _take_one(runtime, sender, folder / member["file"], name, most_bytes, parent)


def _refusal(name: str, reason: str) -> InvalidInput:
    if reason == "too_large":
        return InvalidInput("member_too_large", "“%(name)s” is too large inside the archive.", {"name": name})
    return InvalidInput("member_unreadable", "“%(name)s” is damaged or protected inside the archive.", {"name": name})


def _take_one(
    runtime: Runtime, sender: Sender, path: Path, name: str, most_bytes: int, parent: UUID | None = None
) -> Outcome:
    with transaction(runtime.engine) as session:
        exam = session.get_one(Placement, sender.placement_id)
        patterns = NamePatterns.of_course(session, exam.course_id)
    scan = VirusScan.of(runtime.settings.virus_scan)
    with ExitStack() as stack:
        checked = check_one(Upload(name=name, stream=path.open("rb")), patterns, most_bytes, stack, scan)
        with _pile(runtime, sender) as (session, pile):
            store = FileStore.of(runtime.settings)
            (outcome,) = keep_all(session, pile, [checked], store, parent=_parent(session, parent))
            return outcome


def _refuse(runtime: Runtime, sender: Sender, name: str, refusal: InvalidInput, parent: UUID | None = None) -> Outcome:
    with _pile(runtime, sender) as (session, pile):
        return refuse(session, pile, Refused(name=name, refusal=refusal), _parent(session, parent))


def _note_archive(runtime: Runtime, sender: Sender, name: str) -> UUID:
    with _pile(runtime, sender) as (session, pile):
        return note_archive(session, pile, name, state=FileState.UNPACKED).id


@contextmanager
def _pile(runtime: Runtime, sender: Sender) -> Iterator[tuple[Session, Pile]]:
    with transaction(runtime.engine) as session:
        exam = exam_by_id(session, sender.placement_id)
        yield (
            session,
            Pile(
                exam=exam,
                batch_id=sender.batch_id,
                person_id=sender.person_id,
                role=sender.role,
                source=sender.source,
            ),
        )


def _parent(session: Session, parent: UUID | None) -> SentFile | None:
    return session.get_one(SentFile, parent) if parent else None


def _is_archive(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(ZIP)) == ZIP


def largest_file(session: Session, placement_id: UUID) -> int:
    """What one file of a scanner or a folder may have, in bytes."""
    exam = session.get_one(Placement, placement_id)
    return read(session, MAX_FILE_SIZE_MB, exam.course_id) * 1024 * 1024
