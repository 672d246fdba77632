"""A class that handed in, and papers drawn to be graded blind."""

import hashlib
from collections.abc import Callable
from decimal import Decimal

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.models import SampledPaper, SampleReason
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.proposals.models import Proposal, ProposedTick, Purpose
from tests.fixtures.people import House

Draw = Callable[..., None]
Propose = Callable[..., Proposal]


@pytest.fixture
def drawn(house: House, activity: Placement) -> Draw:
    """drawn(submission, ...) puts them into the blind sample."""

    def made(*submissions: Submission) -> None:
        house.session.add_all(
            SampledPaper(
                placement_id=activity.id, submission_id=submission.id, position=position, reason=SampleReason.LENGTH
            )
            for position, submission in enumerate(submissions, start=1)
        )
        house.session.flush()

    return made


@pytest.fixture
def proposed(house: House, rubric: Rubric) -> Propose:
    """proposed(submission, clarity=3, reasons=5, confidence="0.8") is what the assistant says, in whole points."""

    def made(
        submission: Submission,
        clarity: int = 3,
        reasons: int = 5,
        confidence: str = "0.8",
        purpose: Purpose = Purpose.SAMPLE,
    ) -> Proposal:
        proposal = Proposal(
            submission_id=submission.id,
            rubric_id=rubric.id,
            purpose=purpose,
            feedback="",
            model="model",
            prompt_version="1",
            input_hash=hashlib.sha256(submission.id.bytes).hexdigest(),
            sent=[],
            prompt_tokens=1,
            completion_tokens=1,
            cost_micros=0,
        )
        given = zip(rubric.criteria, (clarity, reasons), strict=True)
        proposal.ticks = [
            ProposedTick(
                criterion_id=criterion.id,
                level_id=next((level.id for level in criterion.levels if level.points == points), None),
                points=Decimal(points),
                reasons="",
                confidence_said=Decimal(confidence),
                confidence=Decimal(confidence),
            )
            for criterion, points in given
        ]
        house.session.add(proposal)
        house.session.flush()
        return proposal

    return made
