"""May the assistant draft for this activity? Off until the blind sample reaches the teacher's bar (requirements.md M3).

Another model, or another version of the prompt, is another assistant: it has to earn its place on the same sample.
What the assistant says of a sampled paper is hidden until a person has approved a grade of it: `is_hidden`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.approved import first_approved, has_approved_grade
from lti_tool.grading.agreement.drift import find_drift
from lti_tool.grading.agreement.models import DEFAULT_BAR, DEFAULT_SIZE, SMALLEST_SIZE, Gate, SampledPaper
from lti_tool.grading.agreement.pairs import PaperPair, all_pairs, blind_pairs, totals
from lti_tool.grading.agreement.statistics import weighted_kappa
from lti_tool.grading.models import Submission, SubmissionState
from lti_tool.grading.proposals.requests import prompt_version
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT
from lti_tool.site_settings.store import snapshot


class DraftingCode(StrEnum):
    """Why drafts are made, or are not."""

    NO_SAMPLE = "no_sample"
    SAMPLE_OPEN = "sample_open"
    NOT_MEASURED = "not_measured"
    OTHER_MODEL = "other_model"
    BELOW_BAR = "below_bar"
    DRIFTED = "drifted"
    EARNED = "earned"


@dataclass(frozen=True, kw_only=True)
class DraftingState:
    """Whether drafts may be made, and how far the blind sample is.

    `graded` of the `sampled` papers have an approved grade, `wanted` should; `kappa` is of the `measured`.
    """

    is_allowed: bool
    why: DraftingCode
    bar: Decimal
    wanted: int
    sampled: int
    graded: int
    measured: int
    kappa: float | None


def drafting_state(session: Session, placement: Placement) -> DraftingState:
    """Read from what is there each time: an approval that changes the figures changes the answer."""
    gate = gate_of(session, placement)
    sampled = sampled_papers(session, placement)
    approved = first_approved(session, placement) if sampled else {}
    of_any = blind_pairs(session, placement)[-gate.sample_size :] if sampled else []
    of_present = _by_present(session, placement, of_any)
    enough = min(SMALLEST_SIZE, gate.sample_size)
    is_of_others = len(of_present) < enough <= len(of_any)
    pairs = of_any if is_of_others else of_present
    found = DraftingState(
        is_allowed=False,
        why=DraftingCode.NO_SAMPLE,
        bar=gate.bar,
        wanted=gate.sample_size,
        sampled=len(sampled),
        graded=sum(paper.submission_id in approved for paper in sampled),
        measured=len(pairs),
        kappa=weighted_kappa(totals(pairs)),
    )
    why = _why(found, enough, is_of_others=is_of_others)
    if why is DraftingCode.EARNED and gate.is_drift_watched and has_drifted(session, placement, gate.bar):
        why = DraftingCode.DRIFTED
    return replace(found, why=why, is_allowed=why is DraftingCode.EARNED)


def gate_of(session: Session, placement: Placement) -> Gate:
    """The teacher's choices, or the defaults where nobody has chosen; these are not stored."""
    return session.get(Gate, placement.id) or Gate(
        placement_id=placement.id, bar=DEFAULT_BAR, sample_size=DEFAULT_SIZE, is_drift_watched=True
    )


def has_drifted(session: Session, placement: Placement, bar: Decimal) -> bool:
    drift = find_drift(totals(all_pairs(session, placement)), bar)
    return drift is not None and drift.has_drifted


def _by_present(session: Session, placement: Placement, pairs: Sequence[PaperPair]) -> list[PaperPair]:
    """What was said by the assistant as it is set up now; all of it where no model is."""
    model = snapshot(session, placement.course_id).read(CHAT_DEPLOYMENT)
    return [pair for pair in pairs if not model or pair.by == (model, prompt_version())]


def _why(found: DraftingState, enough: int, *, is_of_others: bool) -> DraftingCode:
    if not found.sampled:
        return DraftingCode.NO_SAMPLE
    if found.graded < found.wanted:
        return DraftingCode.SAMPLE_OPEN
    if found.measured < enough:
        return DraftingCode.NOT_MEASURED
    if is_of_others:
        return DraftingCode.OTHER_MODEL
    if found.kappa is None or Decimal(found.kappa) < found.bar:
        return DraftingCode.BELOW_BAR
    return DraftingCode.EARNED


def sampled_papers(session: Session, placement: Placement) -> list[SampledPaper]:
    """The blind sample in the order in which it was drawn; work that was withdrawn is in it no more."""
    wanted = (
        select(SampledPaper)
        .join(Submission, Submission.id == SampledPaper.submission_id)
        .where(SampledPaper.placement_id == placement.id, Submission.state == SubmissionState.SUBMITTED)
        .order_by(SampledPaper.position)
    )
    return list(session.scalars(wanted))


def is_hidden(session: Session, submission: Submission) -> bool:
    """Whether a proposal for this work may be shown to nobody yet: it is to be graded blind first."""
    wanted = select(SampledPaper.id).where(SampledPaper.submission_id == submission.id)
    return session.scalar(wanted) is not None and not has_approved_grade(session, submission)


def hidden_papers(session: Session, placement: Placement) -> set[UUID]:
    """The submissions that are still to be graded blind."""
    sampled = sampled_papers(session, placement)
    approved = first_approved(session, placement) if sampled else {}
    return {paper.submission_id for paper in sampled} - approved.keys()


def next_to_sample(session: Session, placement: Placement, *, besides: Collection[UUID] = ()) -> UUID | None:
    """The paper of the sample that is to be graded blind next, in the order of the draw."""
    hidden = hidden_papers(session, placement) - set(besides)
    papers = sampled_papers(session, placement) if hidden else []
    return next((paper.submission_id for paper in papers if paper.submission_id in hidden), None)
