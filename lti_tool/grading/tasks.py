"""Reading what was handed in before anybody opens it: a page waits for no file (reading.py keeps what was read)."""

from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Submission
from lti_tool.grading.reading import BEING_READ, ReadableWork, readable_work
from lti_tool.jobs.registry import task
from lti_tool.runtime import Runtime


@task("grading.read", lock="grading.read:{submission_id}")
def read_work(runtime: Runtime, *, submission_id: str) -> None:
    """Take the text out of the files of a submission; what was read before is not read again."""
    with transaction(runtime.engine) as session:
        submission = session.get(Submission, UUID(submission_id))
        if submission is not None:
            readable_work(FileStore.of(runtime.settings), submission, is_patient=True)


def work_so_far(session: Session, store: FileStore, submission: Submission) -> ReadableWork:
    """For a page: what was read by now. The rest is asked for, in case nobody is at it."""
    work = readable_work(store, submission, is_prompt=True)
    if any(file.why == BEING_READ for file in work.unread):
        ask_to_read(session, submission)
    return work


def ask_to_read(session: Session, submission: Submission) -> None:
    """Queue it in the caller's transaction; one that waits already is enough."""
    if submission.files:
        name = str(submission.id)
        read_work.enqueue(session, queueing_lock=f"grading.read:{name}", submission_id=name)
