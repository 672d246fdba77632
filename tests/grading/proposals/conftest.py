"""A graded activity whose model is a scripted server; answers are written criterion by criterion."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Placement
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Rubric, Submission
from lti_tool.grading.proposals.asking import propose
from lti_tool.grading.proposals.models import Proposal, Purpose
from lti_tool.llm import dialect
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
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
