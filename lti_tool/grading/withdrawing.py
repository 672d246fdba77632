"""Work that is taken back after it was handed in, and grades that still rest on it.

A grade that a person approved stays until a person changes it: staff are told that the work under it is gone.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.gradebook.models import Grade
from lti_tool.grading.activities import lock_work
from lti_tool.grading.desk.models import IndependentMark
from lti_tool.grading.models import Review, Submission, SubmissionState, WithheldWork
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.questions.models import QuestionTick


def withdraw_work(session: Session, placement: Placement, submission: Submission) -> None:
    """Nobody marks it any more, and its owner sees nothing of it; a second time changes nothing."""
    lock_work(session, placement, submission.person_id)
    session.refresh(submission, ["state"])
    if submission.state != SubmissionState.SUBMITTED:
        return
    submission.state = SubmissionState.WITHDRAWN
    session.flush()
    audit.record(
        session,
        "submission.withdrawn",
        course_id=placement.course_id,
        object_type="submission",
        object_id=submission.id,
        details={"attempt": submission.attempt, "sha256": submission.sha256},
    )


def is_begun(session: Session, submission: Submission) -> bool:
    """Whether anybody has put a mark on it, saved or not."""
    marks = (Review, IndependentMark, PageMark, QuestionTick)
    return any(session.scalar(select(kind.id).where(kind.submission_id == submission.id).limit(1)) for kind in marks)


def withhold_work(session: Session, submission: Submission) -> None:
    """Its owner sees nothing of it until they have said that it is theirs."""
    session.add(WithheldWork(submission_id=submission.id))
    session.flush()


def show_work(session: Session, submission: Submission) -> None:
    """Its owner has said that it is theirs."""
    if withheld := session.get(WithheldWork, submission.id):
        session.delete(withheld)
        session.flush()


def is_shown_to_owner(session: Session, submission: Submission) -> bool:
    """Whether its owner may see the work, and what was said of it in words."""
    return submission.state == SubmissionState.SUBMITTED and session.get(WithheldWork, submission.id) is None


def grades_without_their_work(session: Session, placement: Placement) -> dict[int, UUID]:
    """Whose grade as it stands was given for work that was withdrawn since, and which work that was."""
    rows = session.execute(
        select(Grade.person_id, Submission.id)
        .join(Review, (Review.grade_id == Grade.id) & (Review.grade_version == Grade.version))
        .join(Submission, Submission.id == Review.submission_id)
        .where(Grade.placement_id == placement.id, Submission.state == SubmissionState.WITHDRAWN)
    )
    return {person_id: submission_id for person_id, submission_id in rows}
