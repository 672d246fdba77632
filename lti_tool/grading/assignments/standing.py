"""How far the marking of an assignment is: handed in, still to mark, approved."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.models import Review
from lti_tool.grading.submissions import latest_submissions


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An assignment of the list; `left_out` counts files that could not be fetched."""

    assignment: MoodleAssignment
    handed_in: int
    to_mark: int
    approved: int
    left_out: int


def standing_of(session: Session, assignment: MoodleAssignment) -> Standing:
    latest = {submission.id for submission in latest_submissions(session, assignment.placement).values()}
    marked = select(func.count(Review.submission_id.distinct())).where(Review.submission_id.in_(latest))
    approved = (
        select(func.count(Approval.grade_id.distinct()))
        .join(Grade, (Grade.id == Approval.grade_id) & (Grade.version == Approval.grade_version))
        .where(Grade.placement_id == assignment.placement_id)
    )
    left_out = select(func.sum(func.jsonb_array_length(PulledWork.left_out))).where(
        PulledWork.submission_id.in_(latest)
    )
    return Standing(
        assignment=assignment,
        handed_in=len(latest),
        to_mark=len(latest) - session.scalars(marked).one(),
        approved=session.scalars(approved).one(),
        left_out=session.scalar(left_out) or 0,
    )
