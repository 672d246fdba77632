"""A pile of work from a member of staff: looked at first, then taken as a whole, or not at all.

Every file passes the same door as a student's own upload, twice: for the preview, and again when it is taken. What is
refused there is named with its reason; the rest is stored in one transaction.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateArg

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.text import decoded
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import AcceptedUpload, accept, clean_name
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.grading.activities import lock_work
from lti_tool.grading.handing_in import ACCEPTED, LONGEST_TEXT, MOST_FILES, Taken, store_work, submit_work
from lti_tool.grading.intake.found import FoundWork, works_in_archive, works_in_table
from lti_tool.grading.intake.models import WorkUpload
from lti_tool.grading.intake.roster import Roster, roster_of
from lti_tool.grading.models import Submission, SubmissionState

ZIP = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class PileRow:
    """One person's work as it would be taken; `problem` is why it would not."""

    number: int
    found: FoundWork
    person: Person | None
    attempt: int
    problem: InvalidInput | None


@dataclass(frozen=True, kw_only=True)
class Pile:
    """What lies in an upload, and who may be meant."""

    upload: WorkUpload
    rows: list[PileRow]
    roster: Roster


def keep_upload(
    session: Session, viewer: Viewer, placement: Placement, stream: IO[bytes], name: str, store: FileStore, most: int
) -> WorkUpload:
    """Keep a ZIP or CSV to be looked at; the one before that nobody took is forgotten. Raises InvalidInput."""
    viewer.require(Capability.GRADE)
    content = stream.read(most + 1)
    if not content or len(content) > most:
        raise InvalidInput("pile_size", "Choose a ZIP or CSV file of at most %(most)s MB.", {"most": most // 1024**2})
    session.execute(delete(WorkUpload).where(WorkUpload.placement_id == placement.id, WorkUpload.taken_at.is_(None)))
    kind = MediaType.ARCHIVE if content.startswith(ZIP) else MediaType.TEXT
    stored = store.put(session, io.BytesIO(content), name=clean_name(name), media_type=kind, course_id=viewer.course_id)
    upload = WorkUpload(placement_id=placement.id, file=stored, uploaded_by_id=viewer.person_id)
    session.add(upload)
    session.flush()
    return upload


def upload_for(session: Session, viewer: Viewer, placement: Placement, pile_id: UUID) -> WorkUpload:
    """An upload of this activity, for who may grade; raises NotFound."""
    viewer.require(Capability.GRADE)
    upload = session.get(WorkUpload, pile_id)
    if upload is None or upload.placement_id != placement.id:
        raise NotFound("upload_unknown")
    return upload


def look_at(
    session: Session,
    viewer: Viewer,
    placement: Placement,
    upload: WorkUpload,
    store: FileStore,
    chosen: Mapping[int, int],
    most: int,
) -> Pile:
    """Each work with its person or the reason why it cannot be taken; `chosen` are people by row."""
    roster, attempts = roster_of(session, viewer), _attempts(session, placement)
    graded, seen, rows = _graded(session, placement), set[int](), []
    for number, found in enumerate(_works(upload, store)):
        person, problem = _person(roster, found, chosen.get(number))
        if person is not None:
            problem = _why_not(person, graded, seen) or _unusable(upload, store, found, most)
            seen.add(person.id)
        attempt = attempts.get(person.id, 0) + 1 if person else 1
        rows.append(PileRow(number=number, found=found, person=person, attempt=attempt, problem=problem))
    return Pile(upload=upload, rows=rows, roster=roster)


def take(session: Session, viewer: Viewer, placement: Placement, pile: Pile, store: FileStore, most: int) -> int:
    """Store what has no problem as submissions; how many. Taken twice, it is stored once."""
    upload = pile.upload
    # A second click waits here, then sees that the first has taken everything.
    session.refresh(upload, with_for_update=ForUpdateArg(of=WorkUpload))
    if upload.taken_at is not None:
        return 0
    count = 0
    for row in pile.rows:
        if row.person is None or row.problem is not None:
            continue
        lock_work(session, placement, row.person.id)
        with _accepted(upload, store, row.found, most) as files:
            key = f"upload:{upload.id}:{row.number}"
            taken = Taken(person_id=row.person.id, client_key=key, text=_text(row.found), files=files)
            submission = store_work(session, placement, taken, store)
        submit_work(session, submission)
        _tell(session, viewer, submission)
        count += 1
    if not count:
        raise InvalidInput("pile_nothing", "Nothing in this file can be taken yet: see the reasons below.")
    upload.taken_at = now()
    session.flush()
    return count


def _works(upload: WorkUpload, store: FileStore) -> list[FoundWork]:
    path = store.path(upload.file)
    if upload.file.media_type == MediaType.ARCHIVE:
        return works_in_archive(path)
    return works_in_table(decoded(path.read_bytes()))


def _person(roster: Roster, found: FoundWork, chosen: int | None) -> tuple[Person | None, InvalidInput | None]:
    if chosen in roster.students:
        return roster.students[chosen], None
    meant = roster.named(found.who)
    if len(meant) == 1:
        return meant[0], None
    if meant:
        return None, InvalidInput("person_ambiguous", "Several students are called so. Choose who is meant.")
    return None, InvalidInput("person_unknown", "No student of this course is called so. Choose who is meant.")


def _why_not(person: Person, graded: set[int], seen: set[int]) -> InvalidInput | None:
    if person.id in seen:
        return InvalidInput("person_twice", "Another work in this file is already this student's.")
    if person.id in graded:
        return InvalidInput("work_graded_already", "This student's grade is approved already.")
    return None


def _unusable(upload: WorkUpload, store: FileStore, found: FoundWork, most: int) -> InvalidInput | None:
    """The door's own words, without keeping what it let in."""
    try:
        if not found.text.strip() and not found.members:
            raise InvalidInput("work_empty", "There is neither a text nor a file.")
        if len(found.text) > LONGEST_TEXT or "\0" in found.text:
            raise InvalidInput(
                "text_unusable",
                "A text has at most %(longest_text)s characters. Send it as a file.",
                {"longest_text": LONGEST_TEXT},
            )
        if len(found.members) > MOST_FILES:
            raise InvalidInput(
                "too_many_files", "At most %(most_files)s files can be handed in.", {"most_files": MOST_FILES}
            )
        with _accepted(upload, store, found, most):
            return None
    except InvalidInput as refusal:
        return refusal


@contextmanager
def _accepted(upload: WorkUpload, store: FileStore, found: FoundWork, most: int) -> Iterator[Sequence[AcceptedUpload]]:
    if not found.members:
        yield []
        return
    with zipfile.ZipFile(store.path(upload.file)) as archive, ExitStack() as uploads:
        files = []
        for member in found.members:
            with _opened(archive, member) as stream:
                checked = accept(stream, name=_file_name(member), allowed=ACCEPTED, max_bytes=most)
            files.append(uploads.enter_context(checked))
        yield files


@contextmanager
def _opened(archive: zipfile.ZipFile, member: str) -> Iterator[IO[bytes]]:
    try:
        with archive.open(member) as stream:
            yield stream
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise InvalidInput(
            "file_broken_in_archive", "“%(name)s” is damaged or protected.", {"name": _file_name(member)}
        ) from error


def _file_name(member: str) -> str:
    """Without what Moodle puts before it where there are no folders."""
    name = clean_name(member)
    return name.partition("_assignsubmission_file_")[2] or name


def _text(found: FoundWork) -> str:
    return found.text.replace("\r\n", "\n").strip()


def _attempts(session: Session, placement: Placement) -> dict[int, int]:
    rows = session.execute(
        select(Submission.person_id, Submission.attempt)
        .where(Submission.placement_id == placement.id, Submission.state == SubmissionState.SUBMITTED)
        .order_by(Submission.attempt)
    )
    return {person_id: attempt for person_id, attempt in rows}


def _graded(session: Session, placement: Placement) -> set[int]:
    approved = select(Grade.person_id).join(Approval, Approval.grade_id == Grade.id)
    return set(session.scalars(approved.where(Grade.placement_id == placement.id)))


def _tell(session: Session, viewer: Viewer, submission: Submission) -> None:
    audit.by(
        session,
        viewer,
        "submission.uploaded",
        object_type="submission",
        object_id=submission.id,
        details={"attempt": submission.attempt, "files": len(submission.files), "sha256": submission.sha256},
    )
