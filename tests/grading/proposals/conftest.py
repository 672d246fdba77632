"""A graded activity whose model is a scripted server; answers are written criterion by criterion."""

import hashlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.grading.agreement.models import Gate, SampledPaper
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.proposals.asking import propose
from lti_tool.grading.proposals.models import Proposal, ProposedTick, Purpose
from lti_tool.grading.proposals.requests import prompt_version
from lti_tool.llm import dialect
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.grading.conftest import Classroom, Mark
from tests.llm.conftest import configure

Propose = Callable[..., Proposal]
ESSAY = "Leaves are green because of chlorophyll.\nThey need light, and water."


def judgement(choice: str = "L4", quote: str = "Leaves are green", confidence: int = 80) -> dict[str, Any]:
    return {"evidence": [quote] if quote else [], "reasons": "Says why.", "level": choice, "confidence": confidence}


def answer(clarity: Any = "L4", reasons: Any = "L3", feedback: str = "Well done.") -> Reply:
    """An answer on the rubric of tests/grading/conftest.py; a criterion is a sign or a whole judgement."""
    criteria = {
        f"c{number}": said if isinstance(said, dict) else judgement(said)
        for number, said in enumerate((clarity, reasons), start=1)
    }
    return Reply(text=json.dumps({"criteria": criteria, "feedback": feedback}))


@pytest.fixture(autouse=True)
def _forget_dialects() -> None:
    dialect._learnt.clear()


@pytest.fixture
def server(runtime: Runtime) -> Iterator[ModelServer]:
    with ModelServer() as running:
        configure(runtime.engine, runtime.secrets, running.url)
        yield running


@pytest.fixture
def door(runtime: Runtime) -> Door:
    return Door(engine=runtime.engine, secrets=runtime.secrets, pause=lambda seconds: None)


@pytest.fixture
def proposed(house: House, activity: Placement, rubric: Rubric, door: Door, store: FileStore) -> Propose:
    """proposed(submission, purpose=Purpose.DRAFT) -> the proposal on offer"""

    def made(submission: Submission, purpose: Purpose = Purpose.DRAFT) -> Proposal:
        proposal_id: UUID = propose(door, store, submission.id, purpose)
        house.session.expire_all()
        return house.session.scalars(select(Proposal).where(Proposal.id == proposal_id)).one()

    return made


@pytest.fixture
def gate(house: House, activity: Placement) -> Gate:
    made = Gate(
        placement_id=activity.id,
        bar=Decimal("0.5"),
        sample_size=10,
        is_drift_watched=False,
        changed_by_id=house.teacher.id,
        changed_at=now(),
    )
    house.session.add(made)
    house.session.flush()
    return made


@pytest.fixture
def earned(house: House, activity: Placement, rubric: Rubric, classroom: Classroom, marked: Mark, gate: Gate) -> None:
    """The gate is open: ten papers were graded blind, and the assistant agrees but for one of them."""
    write(house.session, ENABLED, True)
    for number, work in enumerate(classroom(*(f"answer {number}" for number in range(10)))):
        house.session.add(
            SampledPaper(placement_id=activity.id, submission_id=work.id, position=number + 1, reason="length")
        )
        marked(work, clarity=str(number % 3), reasons="3", approved=True)
        house.session.add(said_of(work, rubric, clarity=0 if number == 8 else number % 3, reasons=3))
    house.session.flush()


def said_of(work: Submission, rubric: Rubric, **points: int) -> Proposal:
    """A proposal as it lies in the table."""
    ticks = [
        ProposedTick(
            criterion_id=criterion.id,
            points=Decimal(given),
            reasons="",
            confidence_said=Decimal("0.8"),
            confidence=Decimal("0.8"),
        )
        for criterion, given in zip(rubric.criteria, points.values(), strict=True)
    ]
    return Proposal(
        submission_id=work.id,
        rubric_id=rubric.id,
        purpose=Purpose.SAMPLE,
        feedback="",
        model="fake-chat",
        prompt_version=prompt_version(),
        input_hash=hashlib.sha256(work.id.bytes).hexdigest(),
        sent=[],
        prompt_tokens=1,
        completion_tokens=1,
        cost_micros=0,
        ticks=ticks,
    )
