"""The grades that people approved, paper by paper: what every agreement is measured against."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, select, true
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.gradebook.models import Approval, ApprovalEnd, End
from lti_tool.grading.models import Review, Submission

APPROVED = (Approval.grade_id == Review.grade_id) & (Approval.grade_version == Review.grade_version)

WITHDRAWN = exists().where(ApprovalEnd.approval_id == Approval.id, ApprovalEnd.kind == End.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class ApprovedMarks:
    """What a person approved of one submission; `criteria` holds points by criterion."""

    submission_id: UUID
    rubric_id: int | None
    points: Decimal
    criteria: Mapping[int, Decimal]
    approved_at: datetime


def first_approved(session: Session, placement: Placement) -> dict[UUID, ApprovedMarks]:
    """What was approved first of each submission: for a sampled paper, that is what a person said blind."""
    return _by_submission(session, placement, is_latest=False)


def latest_approved(session: Session, placement: Placement) -> dict[UUID, ApprovedMarks]:
    """What holds now, after regrades and second thoughts; what was withdrawn does not."""
    return _by_submission(session, placement, is_latest=True)


def has_approved_grade(session: Session, submission: Submission) -> bool:
    """Whether a person ever approved what was marked on this work."""
    wanted = select(Review.id).join(Approval, APPROVED).where(Review.submission_id == submission.id)
    return session.scalar(wanted.limit(1)) is not None


def _by_submission(session: Session, placement: Placement, *, is_latest: bool) -> dict[UUID, ApprovedMarks]:
    rows = session.execute(
        select(Review, Approval.approved_at)
        .join(Submission, Submission.id == Review.submission_id)
        .join(Approval, APPROVED)
        .where(Submission.placement_id == placement.id)
        .where(~WITHDRAWN if is_latest else true())
        .order_by(Review.version if is_latest else Review.version.desc())
    )
    return {review.submission_id: _marks(review, approved_at) for review, approved_at in rows}


def _marks(review: Review, approved_at: datetime) -> ApprovedMarks:
    return ApprovedMarks(
        submission_id=review.submission_id,
        rubric_id=review.rubric_id,
        points=review.points,
        criteria={tick.criterion_id: tick.points for tick in review.ticks},
        approved_at=approved_at,
    )
