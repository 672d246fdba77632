"""Work from Moodle becomes a submission of ours, fixed like any other: the next state in Moodle is the next attempt."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.errors import ToolError
from lti_tool.files.store import FileStore
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.looks import forget_looks
from lti_tool.grading.activities import lock_work
from lti_tool.grading.assignments.fetching import FetchedFile
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.assignments.settings import text_of
from lti_tool.grading.handing_in import receipt
from lti_tool.grading.models import Submission, SubmissionFile, SubmissionState
from lti_tool.grading.tasks import ask_to_read
from lti_tool.moodle.assignments import ListedWork, Participant


def keep_work(
    session: Session,
    store: FileStore,
    assignment: MoodleAssignment,
    person_id: int,
    owner: Participant,
    work: ListedWork,
    files: Sequence[FetchedFile],
) -> Submission:
    """Store one state of the work for one person."""
    lock_work(session, assignment.placement, person_id)
    submission = _draft(session, assignment, person_id, work)
    for file in files:
        _add_file(session, store, assignment, submission, file)
    session.flush()
    _submit(submission, assignment, owner, work)
    session.add(
        PulledWork(
            submission_id=submission.id,
            moodle_assignment_id=assignment.id,
            number=work.number,
            attempt=work.attempt,
            changed_at=work.changed_at,
            group_name=owner.group_name if assignment.is_team else "",
            left_out=[_told_later(file.failure) for file in files if file.failure],
        )
    )
    session.flush()
    forget_looks(session, placement_id=submission.placement_id, person_id=person_id)
    ask_to_read(session, submission)
    _tell(session, assignment, submission)
    return submission


def _told_later(failure: ToolError) -> dict[str, Any]:
    """The sentence and what changes in it, for whoever reads it in whatever language."""
    return {"sentence": failure.template, "words": {name: str(word) for name, word in failure.words.items()}}


def _draft(session: Session, assignment: MoodleAssignment, person_id: int, work: ListedWork) -> Submission:
    before = select(func.max(Submission.attempt)).where(
        Submission.placement_id == assignment.placement_id, Submission.person_id == person_id
    )
    submission = Submission(
        placement_id=assignment.placement_id,
        person_id=person_id,
        attempt=(session.scalar(before) or 0) + 1,
        client_key=f"moodle:{work.number}:{work.changed_at}",
        text=text_of(work.html),
    )
    session.add(submission)
    session.flush()
    return submission


def _add_file(
    session: Session, store: FileStore, assignment: MoodleAssignment, submission: Submission, file: FetchedFile
) -> None:
    upload = file.upload
    if upload is None:
        return
    # In a team the same open file is kept for each member.
    upload.stream.seek(0)
    stored = store.put(
        session, upload.stream, name=upload.name, media_type=upload.media_type, course_id=assignment.course_id
    )
    submission.files.append(SubmissionFile(number=len(submission.files) + 1, file=stored, pages=upload.pages))


def _submit(submission: Submission, assignment: MoodleAssignment, owner: Participant, work: ListedWork) -> None:
    due_at, handed_in_at = assignment.placement.due_at, datetime.fromtimestamp(work.changed_at, UTC)
    submission.submitted_at = handed_in_at
    submission.is_late = due_at is not None and handed_in_at > due_at and not owner.has_extension
    submission.sha256 = receipt(submission)
    submission.state = SubmissionState.SUBMITTED


def _tell(session: Session, assignment: MoodleAssignment, submission: Submission) -> None:
    details = {"attempt": submission.attempt, "files": len(submission.files)}
    events.record(
        session,
        EventKind.SUBMITTED,
        course_id=assignment.course_id,
        person_id=submission.person_id,
        placement_id=assignment.placement_id,
        details=details,
    )
    audit.record(
        session,
        "submission.fetched",
        course_id=assignment.course_id,
        object_type="submission",
        object_id=submission.id,
        details=details | {"sha256": submission.sha256},
    )
