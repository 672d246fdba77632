"""What a marker sees of a proposal: ticks, reasons, quotations with their places, and what to look at twice.

Nobody sees one of the blind sample before its work is graded, nor one that was made on an earlier rubric.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.grading.agreement.calibration import Calibration, calibration_of
from lti_tool.grading.agreement.gate import is_hidden
from lti_tool.grading.agreement.models import SampledPaper
from lti_tool.grading.models import Criterion, Level, Review, Rubric, Submission, SubmissionState
from lti_tool.grading.proposals.models import Flag, Proposal, ProposalState, ProposedEvidence, ProposedTick
from lti_tool.grading.proposals.suspicion import Kind
from lti_tool.grading.rubrics.scoring import grade_points
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.llm.usage import shown_cost


@dataclass(frozen=True, kw_only=True)
class ShownTick:
    """The suggestion on one criterion; `points_whole` is another number on the work as it stands, if it was one."""

    criterion: Criterion
    level: Level | None
    points: Decimal
    reasons: str
    confidence: Decimal
    confidence_said: Decimal
    evidence: tuple[ProposedEvidence, ...]
    points_whole: Decimal | None = None

    @property
    def criterion_id(self) -> int:
        return self.criterion.id

    @property
    def level_id(self) -> int | None:
        return self.level.id if self.level else None

    @property
    def quotes(self) -> list[str]:
        """Those that stand in the work."""
        return [row.quote for row in self.evidence if row.begins is not None]


@dataclass(frozen=True, kw_only=True)
class ShownStretch:
    """A part of the work that may try to steer the grader, or that its readers do not see."""

    begins: int
    ends: int
    kind: str
    file: int
    page: int | None
    line: int | None

    @property
    def is_concealed(self) -> bool:
        return self.kind == Kind.CONCEALED


@dataclass(frozen=True, kw_only=True)
class ShownProposal:
    """A proposal as a page has it; `points` are those of the activity, as the rubric makes them.

    `calibration` says what its confidence was worth here before.
    """

    proposal: Proposal
    ticks: tuple[ShownTick, ...]
    points: Decimal
    points_whole: Decimal | None
    maximum: Decimal
    stretches: tuple[ShownStretch, ...]
    calibration: Calibration

    @property
    def id(self) -> UUID:
        return self.proposal.id

    @property
    def feedback(self) -> str:
        return self.proposal.feedback

    @property
    def flags(self) -> list[Flag]:
        return [Flag(flag) for flag in self.proposal.flags]

    @property
    def confidence(self) -> Decimal:
        """The least of its ticks: a proposal is as sure as its weakest part."""
        return min((tick.confidence for tick in self.ticks), default=Decimal(0))

    @property
    def cost(self) -> Decimal:
        """Of both requests where there were two."""
        whole = self.proposal.whole.cost_micros if self.proposal.whole else 0
        return shown_cost(self.proposal.cost_micros + whole)


def proposal_for(session: Session, submission: Submission) -> ShownProposal | None:
    """The proposal on offer for a loaded submission, for who may grade it; None where there is none to be seen."""
    placement = session.get_one(Placement, submission.placement_id)
    rubric = rubric_of(session, placement)
    proposal = session.scalar(_offered().where(Proposal.submission_id == submission.id))
    if proposal is None or rubric is None or proposal.rubric_id != rubric.id or is_hidden(session, submission):
        return None
    return _shown(proposal, placement, calibration_of(session, placement))


def offered_proposals(session: Session, placement: Placement) -> dict[UUID, Proposal]:
    """What is on offer for the current rubric by submission, hidden ones too: for figures, never for pages."""
    rubric = rubric_of(session, placement)
    if rubric is None:
        return {}
    rows = session.scalars(_offered().where(Proposal.rubric_id == rubric.id))
    return {proposal.submission_id: proposal for proposal in rows}


def drafted_submissions(session: Session, placement: Placement) -> set[UUID]:
    """Those that have a proposal on the current rubric, hidden or not."""
    rubric = rubric_of(session, placement)
    offered = select(Proposal.submission_id).where(Proposal.state == ProposalState.OFFERED)
    return set(session.scalars(offered.where(Proposal.rubric_id == rubric.id))) if rubric else set()


def waiting_drafts(session: Session, placement: Placement) -> Sequence[Submission]:
    """The latest work that has a proposal to be seen and no decision of a person yet, longest waiting first (R63)."""
    return session.scalars(_waiting(placement).order_by(Proposal.created_at, Submission.id)).all()


def count_waiting(session: Session, placement: Placement) -> int:
    """How many of them; asked for every page of staff."""
    return session.scalar(select(func.count()).select_from(_waiting(placement).subquery())) or 0


def marked_submissions(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of which a person has decided something."""
    return set(session.scalars(select(Review.submission_id).where(Review.submission_id.in_(ids))))


def seen_by_model(session: Session, viewer: Viewer, proposal_id: UUID) -> Proposal:
    """A proposal of the viewer's activity with what was sent; raises NotFound, also while it is hidden."""
    viewer.require(Capability.GRADE)
    proposal = session.scalar(
        select(Proposal)
        .join(Submission, Submission.id == Proposal.submission_id)
        .join(Placement, Placement.id == Submission.placement_id)
        .where(
            Proposal.id == proposal_id,
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
        )
    )
    if proposal is None or is_hidden(session, proposal.submission):
        raise NotFound("proposal_unknown")
    return proposal


def _waiting(placement: Placement) -> Select[Submission]:
    """A sampled paper that nobody has marked is to be graded blind, so its proposal waits for nobody."""
    again, later = aliased(Submission), aliased(Rubric)
    return (
        select(Submission)
        .join(Proposal, Proposal.submission_id == Submission.id)
        .join(Rubric, Rubric.id == Proposal.rubric_id)
        .where(
            Submission.placement_id == placement.id,
            Submission.state == SubmissionState.SUBMITTED,
            Proposal.state == ProposalState.OFFERED,
            ~exists().where(Review.submission_id == Submission.id),
            ~exists().where(SampledPaper.submission_id == Submission.id),
            ~exists().where(later.placement_id == placement.id, later.version > Rubric.version),
            ~exists().where(
                again.placement_id == placement.id,
                again.person_id == Submission.person_id,
                again.state == SubmissionState.SUBMITTED,
                again.attempt > Submission.attempt,
            ),
        )
    )


def _offered() -> Select[Proposal]:
    return select(Proposal).where(Proposal.state == ProposalState.OFFERED)


def _shown(proposal: Proposal, placement: Placement, calibration: Calibration) -> ShownProposal:
    whole = proposal.whole
    on_whole = {tick.criterion_id: tick.points for tick in whole.ticks} if whole else {}
    maximum = Decimal(placement.points or 0)
    return ShownProposal(
        proposal=proposal,
        ticks=tuple(_shown_tick(tick, on_whole) for tick in _in_order(proposal)),
        points=_points(proposal, maximum),
        points_whole=_points(whole, maximum) if whole and Flag.STEERED in proposal.flags else None,
        maximum=maximum,
        stretches=tuple(ShownStretch(**stretch) for stretch in proposal.suspicious),
        calibration=calibration,
    )


def _in_order(proposal: Proposal) -> list[ProposedTick]:
    return sorted(proposal.ticks, key=lambda tick: tick.criterion.position)


def _shown_tick(tick: ProposedTick, on_whole: Mapping[int, Decimal]) -> ShownTick:
    points_whole = on_whole.get(tick.criterion_id)
    return ShownTick(
        criterion=tick.criterion,
        level=tick.level,
        points=tick.points,
        reasons=tick.reasons,
        confidence=tick.confidence,
        confidence_said=tick.confidence_said,
        evidence=tuple(tick.evidence),
        points_whole=None if points_whole == tick.points else points_whole,
    )


def _points(proposal: Proposal, maximum: Decimal) -> Decimal:
    given = {tick.criterion_id: tick.points for tick in proposal.ticks}
    return grade_points(proposal.rubric, given, maximum=maximum)
