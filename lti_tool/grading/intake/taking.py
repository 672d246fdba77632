"""A pile that somebody has looked at is taken as a whole, in one transaction, and once.

Every file passes the same door as a student's own upload, for the preview and again here.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateArg

from lti_tool.accounts import audit
from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.grading.activities import lock_work
from lti_tool.grading.handing_in import Taken, store_work, submit_work
from lti_tool.grading.intake.found import FoundWork
from lti_tool.grading.intake.models import WorkUpload
from lti_tool.grading.intake.piles import Pile, PileRow, graded_people
from lti_tool.grading.intake.uploads import accepted_files
from lti_tool.grading.models import Submission


def take(session: Session, viewer: Viewer, placement: Placement, pile: Pile, store: FileStore, most: int) -> int:
    """Store what has no problem as submissions; how many. Taken twice, it is stored once. Raises InvalidInput."""
    upload = pile.upload
    # A second click waits here, then sees that the first has taken everything.
    session.refresh(upload, with_for_update=ForUpdateArg(of=WorkUpload))
    if upload.taken_at is not None:
        return 0
    wanted = [(row, row.person) for row in pile.rows if row.person is not None and row.problem is None]
    if not wanted:
        raise InvalidInput("pile_nothing", "Nothing in this file can be taken yet: see the reasons below.")
    _lock(session, placement, [person for _row, person in wanted])
    for row, person in wanted:
        submission = _stored(session, placement, upload, row, person, store, most)
        _tell(session, viewer, submission)
    upload.taken_at = now()
    session.flush()
    return len(wanted)


def _lock(session: Session, placement: Placement, people: Sequence[Person]) -> None:
    """Always in the same order, so that two piles never wait for each other; then nobody is graded meanwhile."""
    for person_id in sorted(person.id for person in people):
        lock_work(session, placement, person_id)
    if graded_people(session, placement) & {person.id for person in people}:
        raise InvalidInput("work_graded_meanwhile", "Somebody approved a grade meanwhile. Look at the list again.")


def _stored(
    session: Session,
    placement: Placement,
    upload: WorkUpload,
    row: PileRow,
    person: Person,
    store: FileStore,
    most: int,
) -> Submission:
    with accepted_files(upload, store, row.found, most) as files:
        key = f"upload:{upload.id}:{row.number}"
        taken = Taken(person_id=person.id, client_key=key, text=_text(row.found), files=files)
        submission = store_work(session, placement, taken, store)
    submit_work(session, submission)
    return submission


def _text(found: FoundWork) -> str:
    return found.text.replace("\r\n", "\n").strip()


def _tell(session: Session, viewer: Viewer, submission: Submission) -> None:
    audit.by(
        session,
        viewer,
        "submission.uploaded",
        object_type="submission",
        object_id=submission.id,
        details={"attempt": submission.attempt, "files": len(submission.files), "sha256": submission.sha256},
    )
