"""Finding submissions: a student's own, and for who may grade those of the activity that was opened.

What was withdrawn is found by nobody, and what is withheld from its owner by staff alone.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.grading.models import Submission, SubmissionFile, SubmissionState, WithheldWork


def submission_for(session: Session, viewer: Viewer, submission_id: UUID) -> Submission:
    """A submission of the viewer's activity: anyone's for who may grade, else only one's own; raises NotFound."""
    wanted = _visible(viewer) if viewer.may(Capability.GRADE) else _own(viewer)
    submission = session.scalar(wanted.where(Submission.id == submission_id))
    if submission is None:
        raise NotFound("submission_unknown")
    return submission


def own_attempts(session: Session, viewer: Viewer) -> Sequence[Submission]:
    """What the viewer has handed in, latest first."""
    return session.scalars(_own(viewer).order_by(Submission.attempt.desc())).all()


def attempts_of(session: Session, viewer: Viewer, person_id: int) -> Sequence[Submission]:
    """What a person has handed in, latest first, for who may grade."""
    viewer.require(Capability.GRADE)
    wanted = _visible(viewer).where(Submission.person_id == person_id)
    return session.scalars(wanted.order_by(Submission.attempt.desc())).all()


def latest_submissions(session: Session, placement: Placement) -> dict[int, Submission]:
    """Each person's latest attempt."""
    latest = session.scalars(
        select(Submission)
        .where(Submission.placement_id == placement.id, Submission.state == SubmissionState.SUBMITTED)
        .ext(distinct_on(Submission.person_id))
        .order_by(Submission.person_id, Submission.attempt.desc())
    )
    return {submission.person_id: submission for submission in latest}


def file_of(submission: Submission, number: int) -> SubmissionFile:
    """A file of a loaded submission by its number; raises NotFound."""
    for file in submission.files:
        if file.number == number:
            return file
    raise NotFound("file_unknown")


def _own(viewer: Viewer) -> Select[Submission]:
    is_withheld = exists().where(WithheldWork.submission_id == Submission.id)
    return _visible(viewer).where(Submission.person_id == viewer.person_id, ~is_withheld)


def _visible(viewer: Viewer) -> Select[Submission]:
    return (
        select(Submission)
        .join(Placement, Placement.id == Submission.placement_id)
        .where(
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
            Submission.state == SubmissionState.SUBMITTED,
        )
    )
