"""An exam of a course in the fake Moodle, with an assignment that its papers may go to.

deliveries   the exam, its Moodle and what happens between them: choose, confirm, deliver, look
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Submission, SubmissionFile, SubmissionState
from lti_tool.moodle.client import guarded
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.arranging import arrange
from lti_tool.scans.delivery.keys import lend_key
from lti_tool.scans.delivery.models import Delivery, DeliveryStep, DeliveryTarget
from lti_tool.scans.delivery.outbox import claim, deliver, deliver_due
from lti_tool.scans.delivery.states import Mode
from lti_tool.scans.delivery.targets import choose_target
from lti_tool.scans.models import Paper
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import FakeAssignment
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf

OWN_KEY = "abcdef0123456789abcdef0123456789"


@dataclass(kw_only=True)
class Deliveries:
    """ "The student" is the house's; `assignment` is the fake Moodle's."""

    session: Session
    runtime: Runtime
    house: House
    moodle: FakeMoodle
    assignment: FakeAssignment
    teacher: Viewer
    confirmed: PaperOf

    @property
    def exam(self) -> Placement:
        return self.house.placements[EXAM]

    @property
    def student(self) -> Person:
        return self.house.student

    @property
    def user(self) -> int:
        return int(self.student.sub)

    @property
    def viewer(self) -> Viewer:
        """The student, as a page sees them."""
        return viewer_of(self.house, "student", EXAM)

    def choose(self, mode: Mode, assignment: FakeAssignment | None = None) -> DeliveryTarget:
        number = (assignment or self.assignment).number
        return choose_target(self.runtime, self.session, self.teacher, number, mode)

    def confirm(self, name: str = "student") -> Paper:
        """A confirmed paper, as the marking desk has it."""
        paper = self.confirmed(name)
        handed_over(self.session, self.runtime, self.house, paper)
        return paper

    def lend(self, key: str = OWN_KEY, *, user: int | None = None, **options: Any) -> None:
        self.moodle.tokens[key] = user or self.user
        accepts = options.get("accepts_statement", False)
        lend_key(self.runtime, self.session, self.viewer, key, accepts_statement=accepts)

    def deliver(self) -> Delivery:
        """Everything that is due, waits or not; the latest delivery."""
        for target in self.session.scalars(select(DeliveryTarget).where(DeliveryTarget.is_active)):
            arrange(self.session, target)
        self.session.execute(update(Delivery).where(Delivery.state == "retry").values(next_try_at=now()))
        self.session.flush()
        deliver_due(self.runtime)
        self.session.expire_all()
        return self.latest

    def kill_after(self, step: str) -> None:
        """A worker that is gone as soon as Moodle has answered this, and writes nothing down any more."""
        claimed = claim(self.session)
        assert claimed is not None
        with pytest.raises(Killed):
            deliver(self.runtime, claimed, connect=lambda rule, most: _dying(guarded(rule, most), step))
        self.session.expire_all()

    @property
    def latest(self) -> Delivery:
        begun = select(func.min(DeliveryStep.id)).where(DeliveryStep.delivery_id == Delivery.id).scalar_subquery()
        return self.session.scalars(select(Delivery).order_by(begun.desc()).limit(1)).one()

    def all(self) -> list[Delivery]:
        return list(self.session.scalars(select(Delivery).order_by(Delivery.created_at)))

    def steps(self) -> list[str]:
        found = self.session.scalars(select(DeliveryStep).order_by(DeliveryStep.id))
        return [f"{step.kind} {step.word}".strip() for step in found]

    def work(self) -> Any:
        return self.assignment.work_of(self.user)

    @property
    def feedback(self) -> list[dict[str, Any]]:
        return self.assignment.feedback.get(self.user, [])


class Killed(BaseException):
    """The end of a worker, which nothing in it can catch."""


def _dying(http: requests.Session, step: str) -> requests.Session:
    """It dies with the answer to a request whose address or function is the step."""

    def look(answer: requests.Response, **_: object) -> None:
        sent = answer.request.body or b""
        text = sent if isinstance(sent, bytes) else sent.encode()
        if step in (answer.request.url or "") or f"wsfunction={step}".encode() in text:
            raise Killed

    http.hooks["response"].append(look)
    return http


def handed_over(session: Session, runtime: Runtime, house: House, paper: Paper) -> Submission:
    """The paper on the marking desk, as one PDF."""
    assert paper.person_id is not None
    work = Submission(
        placement_id=paper.placement_id,
        person_id=paper.person_id,
        attempt=1,
        client_key=f"paper:{paper.id}:{paper.binding}",
        text="",
    )
    session.add(work)
    session.flush()
    content = io.BytesIO(samples.pdf("One", "Two"))
    file = FileStore.of(runtime.settings).put(
        session, content, name="paper.pdf", media_type=MediaType.PDF, course_id=house.course.id
    )
    work.files.append(SubmissionFile(number=1, file=file, pages=2))
    session.flush()
    work.submitted_at, work.sha256, work.state = now(), file.sha256, SubmissionState.SUBMITTED
    session.flush()
    return work


@pytest.fixture
def deliveries(
    session: Session,
    in_moodle: House,
    services: FakeMoodle,
    runtime: Runtime,
    teacher: Viewer,
    confirmed: PaperOf,
) -> Deliveries:
    in_moodle.placements[EXAM].points = 50
    services.functions += ["mod_assign_save_submission", "mod_assign_submit_for_grading"]
    assignment = services.assign(name="Written exam")
    return Deliveries(
        session=session,
        runtime=runtime,
        house=in_moodle,
        moodle=services,
        assignment=assignment,
        teacher=teacher,
        confirmed=confirmed,
    )


@pytest.fixture
def by_key(deliveries: Deliveries) -> Deliveries:
    """Papers are handed in with the students' keys; one is confirmed."""
    deliveries.assignment.record["submissiondrafts"] = 1
    deliveries.choose(Mode.HAND_IN)
    deliveries.confirm()
    return deliveries


@pytest.fixture
def by_token(deliveries: Deliveries) -> Deliveries:
    """Papers go there as feedback files; one is confirmed."""
    deliveries.choose(Mode.FEEDBACK)
    deliveries.confirm()
    return deliveries


Change = Callable[[Deliveries], None]
