"""What a student sees of a grade: the latest approved version with its ticks, and never a draft (R56)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.grades import approved_grade_of
from lti_tool.gradebook.models import Approval
from lti_tool.grading.models import Review


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """An approved grade; without a review where it was recorded in another way."""

    approval: Approval
    review: Review | None


def find_feedback(session: Session, viewer: Viewer, placement: Placement) -> Feedback | None:
    """The viewer's own; None until a person has approved a grade."""
    approval = approved_grade_of(session, viewer, placement_id=placement.id)
    if approval is None:
        return None
    review = session.scalar(
        select(Review)
        .where(Review.grade_id == approval.grade_id, Review.grade_version == approval.grade_version)
        .order_by(Review.id.desc())
        .limit(1)
    )
    return Feedback(approval=approval, review=review)
