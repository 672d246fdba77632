"""A course of the fake Moodle with an assignment that is marked here.

listed      the assignment as the fake Moodle has it, with work of the house's student
essay       the same on our desk: fetch, mark, approve, send
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person
from lti_tool.accounts.moving_on import move_on
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.db import now
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.assignments.sending import send_to_assignment
from lti_tool.gradebook.deliveries import AssignmentDelivery
from lti_tool.gradebook.models import Grade, Push, PushStatus
from lti_tool.gradebook.outbox import claim
from lti_tool.gradebook.settlement import settle
from lti_tool.grading.assignments.choosing import choose
from lti_tool.grading.assignments.pulling import pull
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.reviewing import latest_review, save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.runtime import Runtime
from tests.fakes.moodle import FakeMoodle
from tests.fakes.moodle_assignments import FakeAssignment
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of


@dataclass(kw_only=True)
class Essay:
    """One assignment of ours and the Moodle behind it; "the student" is the house's."""

    session: Session
    runtime: Runtime
    moodle: FakeMoodle
    listed: FakeAssignment
    assignment: MoodleAssignment
    viewer: Viewer
    student: Person

    def fetch(self) -> int:
        fetched = pull(self.runtime, self.assignment.id)
        self.session.expire_all()
        return fetched

    def works(self, person: Person | None = None) -> list[Submission]:
        """A person's work, latest first."""
        wanted = select(Submission).where(
            Submission.placement_id == self.assignment.placement_id,
            Submission.person_id == (person or self.student).id,
        )
        return list(self.session.scalars(wanted.order_by(Submission.attempt.desc())))

    def mark(self, *choices: str, feedback: str = "Good.") -> Grade:
        """On a rubric each choice is the place of a level, or points; else the one choice is the points."""
        (work, *_), rubric = self.works(), rubric_of(self.session, self.assignment.placement)
        ticks = {}
        for criterion, choice in zip(rubric.criteria if rubric else (), choices, strict=False):
            if criterion.levels and choice.isdecimal():
                ticks[criterion.id] = TickInput(level_id=criterion.levels[int(choice)].id, comment="why")
            else:
                ticks[criterion.id] = TickInput(points=Decimal(choice), comment="why")
        latest = latest_review(self.session, work)
        marking = Marking(
            rubric_id=rubric.id if rubric else None,
            seen=latest.version if latest else 0,
            ticks=ticks,
            points=None if rubric else Decimal(choices[0]),
            feedback=feedback,
        )
        return save_review(self.session, self.viewer, self.assignment.placement, work, marking)

    def approve(self, *choices: str, feedback: str = "Good.") -> Grade:
        grade = self.mark(*choices, feedback=feedback)
        approve(self.session, self.viewer, grade)
        return grade

    def claim(self) -> AssignmentDelivery:
        self.session.execute(update(Push).where(Push.status == PushStatus.TODO).values(next_try_at=now()))
        (delivery,) = claim(self.session, 5)
        assert isinstance(delivery, AssignmentDelivery)
        return delivery

    def send(self) -> Push:
        delivery = self.claim()
        settle(self.session, [(delivery, send_to_assignment(self.runtime, delivery))])
        self.session.flush()
        self.session.expire_all()
        return self.session.scalars(select(Push)).one()


Choose = Callable[[FakeAssignment], Essay]


@pytest.fixture
def user(house: House) -> int:
    """The student's number at Moodle."""
    return int(house.student.sub)


@pytest.fixture
def listed(services: FakeMoodle, user: int) -> FakeAssignment:
    made = services.assign()
    made.hand_in(user)
    return made


@pytest.fixture
def chosen(session: Session, in_moodle: House, services: FakeMoodle, runtime: Runtime) -> Choose:
    """chosen(an assignment of the fake) -> it on our desk, with nothing fetched yet"""
    teacher = viewer_of(in_moodle, "teacher")

    def made(listed: FakeAssignment) -> Essay:
        assignment = choose(runtime, session, teacher, listed.number)
        launch = move_on(session, teacher, assignment.placement)
        return Essay(
            session=session,
            runtime=runtime,
            moodle=services,
            listed=listed,
            assignment=assignment,
            viewer=viewer_for(session, launch, "browser-of-teacher"),
            student=in_moodle.student,
        )

    return made


@pytest.fixture
def essay(chosen: Choose, listed: FakeAssignment) -> Essay:
    made = chosen(listed)
    made.fetch()
    return made
