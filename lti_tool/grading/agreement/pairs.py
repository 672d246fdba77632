"""What the assistant, the local model or a second marker said of a paper, beside what a person approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.approved import ApprovedMarks, first_approved, latest_approved
from lti_tool.grading.agreement.models import SampledPaper
from lti_tool.grading.agreement.statistics import Pair
from lti_tool.grading.desk.moderation import independent_marks
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.models import Proposal, ProposalState
from lti_tool.grading.rubrics.scoring import grade_points
from lti_tool.grading.second_opinion.opinions import opinions


@dataclass(frozen=True, kw_only=True)
class PaperPair:
    """One paper: what was said, what was approved; the same for each criterion, and how sure the assistant was.

    `by` is the model and the version of the prompt where it was the assistant.
    """

    submission_id: UUID
    total: Pair
    criteria: Mapping[int, Pair]
    at: datetime
    by: tuple[str, str] = ("", "")
    confidence: Mapping[int, float] = field(default_factory=dict)


def blind_pairs(session: Session, placement: Placement) -> list[PaperPair]:
    """The assistant on sampled papers, which people graded without having seen what it says; in the order drawn."""
    approved = first_approved(session, placement)
    drawn = session.scalars(
        select(SampledPaper.submission_id)
        .where(SampledPaper.placement_id == placement.id)
        .order_by(SampledPaper.position)
    ).all()
    found = {pair.submission_id: pair for pair in _assisted(session, placement, approved)}
    return [found[name] for name in drawn if name in found]


def all_pairs(session: Session, placement: Placement) -> list[PaperPair]:
    """The assistant on every approved paper, the sampled ones as they were graded blind; by the time of approval."""
    approved = latest_approved(session, placement)
    blind = {pair.submission_id: pair for pair in blind_pairs(session, placement)}
    others = [pair for pair in _assisted(session, placement, approved) if pair.submission_id not in blind]
    return sorted([*blind.values(), *others], key=lambda pair: pair.at)


def opinion_pairs(session: Session, placement: Placement) -> list[PaperPair]:
    """The local model on graded papers, each said as if it had not been graded."""
    approved = latest_approved(session, placement)
    return [
        PaperPair(
            submission_id=name,
            total=(opinion.points, float(approved[name].points)),
            criteria=_criteria({said.criterion_id: said.likely for said in opinion.criteria}, approved[name]),
            at=approved[name].approved_at,
        )
        for name, opinion in opinions(session, placement).items()
        if name in approved
    ]


def human_pairs(session: Session, placement: Placement) -> list[PaperPair]:
    """Two markers who had not seen each other's marks."""
    pairs = []
    for name, marks in independent_marks(session, placement).items():
        if len(marks) > 1 and marks[0].rubric_id == marks[1].rubric_id:
            first, second = marks[:2]
            said, other = ({tick.criterion_id: float(tick.points) for tick in mark.ticks} for mark in (first, second))
            pairs.append(
                PaperPair(
                    submission_id=name,
                    total=(float(first.points), float(second.points)),
                    criteria={
                        criterion: (said[criterion], other[criterion]) for criterion in said if criterion in other
                    },
                    at=max(first.created_at, second.created_at),
                )
            )
    return pairs


def totals(pairs: Sequence[PaperPair]) -> list[Pair]:
    return [pair.total for pair in pairs]


def on_criterion(pairs: Sequence[PaperPair], criterion_id: int) -> list[Pair]:
    return [pair.criteria[criterion_id] for pair in pairs if criterion_id in pair.criteria]


def proposals_of(session: Session, placement: Placement) -> dict[UUID, Proposal]:
    """What the assistant offers for each submission now."""
    wanted = (
        select(Proposal)
        .join(Submission, Submission.id == Proposal.submission_id)
        .where(Submission.placement_id == placement.id, Proposal.state == ProposalState.OFFERED)
    )
    return {proposal.submission_id: proposal for proposal in session.scalars(wanted)}


def proposed_points(proposal: Proposal, placement: Placement) -> Decimal:
    """What would be the grade if every suggestion were taken."""
    given = {tick.criterion_id: tick.points for tick in proposal.ticks}
    return grade_points(proposal.rubric, given, maximum=placement.points or 0)


def _assisted(session: Session, placement: Placement, approved: Mapping[UUID, ApprovedMarks]) -> list[PaperPair]:
    """Only where both went by the same version of the rubric."""
    return [
        PaperPair(
            submission_id=name,
            total=(float(proposed_points(proposal, placement)), float(approved[name].points)),
            criteria=_criteria({tick.criterion_id: float(tick.points) for tick in proposal.ticks}, approved[name]),
            at=approved[name].approved_at,
            by=(proposal.model, proposal.prompt_version),
            confidence={tick.criterion_id: float(tick.confidence) for tick in proposal.ticks},
        )
        for name, proposal in proposals_of(session, placement).items()
        if name in approved and approved[name].rubric_id == proposal.rubric_id
    ]


def _criteria(said: Mapping[int, float], approved: ApprovedMarks) -> dict[int, Pair]:
    return {
        name: (points, float(approved.criteria[name])) for name, points in said.items() if name in approved.criteria
    }
