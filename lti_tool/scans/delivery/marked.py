"""What gradebook must know of a grade that came of a paper: where the paper lies in Moodle, and which fillings."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.gradebook.assignments.marked import Marked, finds_marked
from lti_tool.grading.assignments.fillings import fillings_of
from lti_tool.grading.models import Review, Submission
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget
from lti_tool.scans.delivery.states import DeliveryState, Kind


@finds_marked
def marked_paper(session: Session, grade_id: int, version: int) -> Marked | None:
    """What the approved version of a grade was made from; None where it was no paper."""
    row = session.execute(
        select(Review, Submission)
        .join(Submission, Submission.id == Review.submission_id)
        .join(Placement, Placement.id == Submission.placement_id)
        .where(
            Review.grade_id == grade_id,
            Review.grade_version == version,
            Placement.kind == PlacementKind.EXAM,
        )
        .order_by(Review.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    review, work = row
    handed_in = _handed_in(session, work)
    return Marked(
        attempt=(handed_in.remote_attempt or 0) if handed_in else 0,
        changed_at=(handed_in.remote_changed_at or 0) if handed_in else 0,
        feedback=review.feedback,
        fillings=fillings_of(review),
        is_on_paper=handed_in is None,
    )


def _handed_in(session: Session, work: Submission) -> Delivery | None:
    return session.scalar(
        select(Delivery)
        .join(DeliveryTarget, DeliveryTarget.id == Delivery.target_id)
        .where(
            DeliveryTarget.placement_id == work.placement_id,
            DeliveryTarget.is_active,
            Delivery.person_id == work.person_id,
            Delivery.kind == Kind.WORK,
            Delivery.state == DeliveryState.CONFIRMED,
        )
        .limit(1)
    )
