"""May the assistant draft for this activity? Off until the blind sample reaches the teacher's bar (requirements.md M3).

What the assistant says of a sampled paper is hidden until a person has approved a grade of it: `is_hidden`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.approved import first_approved, has_approved_grade
from lti_tool.grading.agreement.models import DEFAULT_BAR, Gate, SampledPaper
from lti_tool.grading.models import Submission


class DraftingCode(StrEnum):
    """Why drafts are made, or are not."""

    NO_SAMPLE = "no_sample"
    SAMPLE_OPEN = "sample_open"
    NOT_MEASURED = "not_measured"
    BELOW_BAR = "below_bar"
    DRIFTED = "drifted"
    EARNED = "earned"


@dataclass(frozen=True, kw_only=True)
class DraftingState:
    """Whether drafts may be made, and how far the blind sample is: `graded` of `sampled` papers have a grade."""

    is_allowed: bool
    why: DraftingCode
    bar: Decimal
    sampled: int
    graded: int
    measured: int = 0
    kappa: float | None = None


def drafting_state(session: Session, placement: Placement) -> DraftingState:
    """Read from what is there each time: an approval that changes the figures changes the answer."""
    gate = session.get(Gate, placement.id)
    sampled = sampled_papers(session, placement)
    approved = first_approved(session, placement) if sampled else {}
    graded = sum(paper.submission_id in approved for paper in sampled)
    why = DraftingCode.NOT_MEASURED
    if not sampled:
        why = DraftingCode.NO_SAMPLE
    elif graded < len(sampled):
        why = DraftingCode.SAMPLE_OPEN
    return DraftingState(
        is_allowed=why is DraftingCode.EARNED,
        why=why,
        bar=gate.bar if gate else DEFAULT_BAR,
        sampled=len(sampled),
        graded=graded,
    )


def sampled_papers(session: Session, placement: Placement) -> list[SampledPaper]:
    """The blind sample in the order in which it was drawn."""
    wanted = select(SampledPaper).where(SampledPaper.placement_id == placement.id).order_by(SampledPaper.position)
    return list(session.scalars(wanted))


def is_hidden(session: Session, submission: Submission) -> bool:
    """Whether a proposal for this work may be shown to nobody yet: it is to be graded blind first."""
    wanted = select(SampledPaper.id).where(SampledPaper.submission_id == submission.id)
    return session.scalar(wanted) is not None and not has_approved_grade(session, submission)
