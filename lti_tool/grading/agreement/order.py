"""Which papers need a person most: where assistant and second opinion disagree, and where the assistant is unsure.

Without an assistant, marks that wait for approval are held against the second opinion. Measured in
benchmarks/grading_agreement.py: errors found for each paper reviewed, beside random order.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.approved import latest_approved
from lti_tool.grading.agreement.calibration import Calibration, calibration_of
from lti_tool.grading.agreement.gate import hidden_papers
from lti_tool.grading.agreement.pairs import proposals_of, proposed_points
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.proposals.models import Flag, Proposal
from lti_tool.grading.second_opinion.models import Opinion
from lti_tool.grading.second_opinion.opinions import opinions

UNSURE = 0.5
THOUSANDTH = Decimal("0.001")
ALARMING = frozenset({Flag.STEERED, Flag.SUSPICIOUS, Flag.CONCEALED})


class Reason(StrEnum):
    """Why a paper stands where it stands."""

    FLAGGED = "flagged"
    DISAGREES = "disagrees"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Priority:
    """The higher the rank, the sooner a person should look: from 0 to 2, above 1 only what is flagged."""

    rank: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What stands to be approved, as shares of the maximum, and how doubtful it is."""

    points: float
    doubt: float = 0.0
    is_flagged: bool = False


def priorities(session: Session, placement: Placement) -> dict[UUID, Priority]:
    """By submission; those that a person approved, that nothing is known of, or that are graded blind have none."""
    settled = latest_approved(session, placement).keys() | hidden_papers(session, placement)
    second, maximum = opinions(session, placement), float(placement.points or 1)
    judged = _marked(session, placement) | _proposed(session, placement)
    return {
        name: priority(found, _opinion(second.get(name), maximum))
        for name, found in judged.items()
        if name not in settled
    }


def priority(judged: Judged, opinion: tuple[float, float, float] | None) -> Priority:
    """From what stands to be approved and the second opinion's points, low and high, all as shares."""
    points, low, high = opinion or (judged.points,) * 3
    gap = abs(judged.points - points)
    reasons = {
        Reason.FLAGGED: judged.is_flagged,
        Reason.DISAGREES: opinion is not None and not low <= judged.points <= high,
        Reason.UNSURE: judged.doubt > 1 - UNSURE,
    }
    rank = Decimal((gap + judged.doubt) / 2 + judged.is_flagged).quantize(THOUSANDTH)
    return Priority(rank=rank, reasons=tuple(reason for reason, holds in reasons.items() if holds))


def _opinion(opinion: Opinion | None, maximum: float) -> tuple[float, float, float] | None:
    if opinion is None:
        return None
    return opinion.points / maximum, opinion.low / maximum, opinion.high / maximum


def _proposed(session: Session, placement: Placement) -> dict[UUID, Judged]:
    calibration = calibration_of(session, placement)
    return {
        name: Judged(
            points=float(proposed_points(proposal, placement)) / float(placement.points or 1),
            doubt=_doubt(proposal, calibration),
            is_flagged=bool(ALARMING & set(proposal.flags)),
        )
        for name, proposal in proposals_of(session, placement).items()
    }


def _doubt(proposal: Proposal, calibration: Calibration) -> float:
    """How likely it is that a suggestion is wrong, on the mean over the criteria."""
    sure = [calibration.of(float(tick.confidence)) for tick in proposal.ticks]
    return 1 - sum(sure) / len(sure) if sure else 0.0


def _marked(session: Session, placement: Placement) -> dict[UUID, Judged]:
    """The latest marks of each submission."""
    latest = session.scalars(
        select(Review)
        .join(Submission, Submission.id == Review.submission_id)
        .where(Submission.placement_id == placement.id)
        .ext(distinct_on(Review.submission_id))
        .order_by(Review.submission_id, Review.version.desc())
    )
    maximum = float(placement.points or 1)
    return {review.submission_id: Judged(points=float(review.points) / maximum) for review in latest}
