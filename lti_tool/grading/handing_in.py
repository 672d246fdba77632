"""A student hands in work: text, files or both, until it is graded, and again until the due date (rules.py).

The receipt is a hash over the text and the files, so that anyone who still has
them can show what was handed in: SHA-256 of `sha256(text)\n` and then `sha256(file) name\n` for each file in order.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.intake import AcceptedUpload, accept
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.gradebook.grades import approved_grade_of, is_approved
from lti_tool.gradebook.looks import forget_looks
from lti_tool.grading import rules
from lti_tool.grading.activities import lock_work
from lti_tool.grading.intake.drafts import forget_draft
from lti_tool.grading.models import Submission, SubmissionFile, SubmissionState
from lti_tool.grading.submissions import own_attempts
from lti_tool.grading.tasks import ask_to_read
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read

ACCEPTED = frozenset(MediaType)
"""A program is text to the intake, whatever its name ends with; it is shown, never run."""
MOST_FILES = 20
LONGEST_TEXT = 100_000
LONGEST_KEY = 64


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A file of the form, not looked at yet."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the form brought."""

    client_key: str
    text: str
    files: Sequence[SentFile] = ()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Work whose text and files were checked, of whoever it is."""

    person_id: int
    client_key: str
    text: str
    files: Sequence[AcceptedUpload] = ()


def hand_in(session: Session, viewer: Viewer, placement: Placement, work: Work, store: FileStore) -> Submission:
    """Store a new attempt; the same form sent twice gives the same submission. Raises InvalidInput or NotAllowed."""
    if viewer.is_staff:
        raise NotAllowed("staff_submission", "Only students hand in work here.")
    text = _checked_text(work)
    most = read(session, MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024
    with ExitStack() as uploads:
        accepted = [
            uploads.enter_context(accept(file.stream, name=file.name, allowed=ACCEPTED, max_bytes=most))
            for file in work.files
        ]
        lock_work(session, placement, viewer.person_id)
        earlier = _find_by_key(session, viewer, placement, work.client_key)
        if earlier is not None:
            return earlier
        if reason := closed_because(session, viewer, placement):
            raise reason
        taken = Taken(person_id=viewer.person_id, client_key=work.client_key, text=text, files=accepted)
        submission = store_work(session, placement, taken, store)
    submission.is_late = rules.is_late(placement, now())
    submit_work(session, submission)
    forget_draft(session, viewer, placement)
    _tell(session, viewer, submission)
    return submission


def store_work(session: Session, placement: Placement, taken: Taken, store: FileStore) -> Submission:
    """The next attempt of a person, whose work is locked, with its checked files; not submitted yet."""
    latest = session.scalar(
        select(func.max(Submission.attempt)).where(
            Submission.placement_id == placement.id, Submission.person_id == taken.person_id
        )
    )
    submission = Submission(
        placement_id=placement.id,
        person_id=taken.person_id,
        attempt=(latest or 0) + 1,
        client_key=taken.client_key,
        text=taken.text,
    )
    session.add(submission)
    session.flush()
    for number, upload in enumerate(taken.files, start=1):
        stored = store.put(
            session, upload.stream, name=upload.name, media_type=upload.media_type, course_id=placement.course_id
        )
        submission.files.append(SubmissionFile(number=number, file=stored, pages=upload.pages))
    session.flush()
    return submission


def submit_work(session: Session, submission: Submission) -> None:
    """From here on nothing of it changes."""
    submission.submitted_at = now()
    submission.sha256 = receipt(submission)
    submission.state = SubmissionState.SUBMITTED
    session.flush()
    forget_looks(session, placement_id=submission.placement_id, person_id=submission.person_id)
    ask_to_read(session, submission)


def closed_because(session: Session, viewer: Viewer, placement: Placement) -> InvalidInput | None:
    """Why the viewer can hand in nothing more; None while it is possible."""
    if approved_grade_of(session, viewer, placement_id=placement.id) is not None:
        return InvalidInput("work_graded", "Your work has been graded, so nothing more can be handed in.")
    if is_approved(session, placement_id=placement.id, person_id=viewer.person_id):
        return InvalidInput("work_being_graded", "Your work is being graded, so nothing more can be handed in.")
    attempts = len(own_attempts(session, viewer))
    if is_past_due(placement, now()) and attempts:
        return InvalidInput("work_due", "The due date has passed, so your work cannot be replaced any more.")
    end, most = rules.closes_at(placement), rules.rules_of(placement).most_attempts
    if end is not None and now() > end:
        return InvalidInput("work_closed", "The last moment to hand in has passed. Talk to your teacher.")
    if most is not None and attempts >= most:
        return InvalidInput("attempts_used", "You have used all of your attempts.")
    return None


def is_past_due(placement: Placement, moment: datetime) -> bool:
    return placement.due_at is not None and moment > placement.due_at


def receipt(submission: Submission) -> str:
    """The hash over what was handed in."""
    lines = [hashlib.sha256(submission.text.encode()).hexdigest()]
    lines += [f"{file.file.sha256} {file.file.name}" for file in submission.files]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _checked_text(work: Work) -> str:
    text = work.text.replace("\r\n", "\n").strip()
    if not work.client_key or len(work.client_key) > LONGEST_KEY or "\0" in work.client_key:
        raise InvalidInput("form_key_missing", "This form is incomplete. Reload the page and try again.")
    if not text and not work.files:
        raise InvalidInput("submission_empty", "Write something or choose a file before you hand in.")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput(
            "text_unusable",
            "A text has at most %(longest_text)s characters. Send it as a file.",
            {"longest_text": LONGEST_TEXT},
        )
    if len(work.files) > MOST_FILES:
        raise InvalidInput(
            "too_many_files", "At most %(most_files)s files can be handed in.", {"most_files": MOST_FILES}
        )
    return text


def _find_by_key(session: Session, viewer: Viewer, placement: Placement, client_key: str) -> Submission | None:
    return session.scalar(
        select(Submission).where(
            Submission.placement_id == placement.id,
            Submission.person_id == viewer.person_id,
            Submission.client_key == client_key,
        )
    )


def _tell(session: Session, viewer: Viewer, submission: Submission) -> None:
    details = {"attempt": submission.attempt, "files": len(submission.files)}
    events.record(
        session,
        EventKind.SUBMITTED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=submission.placement_id,
        details=details,
    )
    audit.by(
        session,
        viewer,
        "submission.handed_in",
        object_type="submission",
        object_id=submission.id,
        details=details | {"sha256": submission.sha256},
    )
