"""A graded activity with a rubric, work handed in, and people who mark it."""

import io
from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest

from lti_tool.accounts.models import Membership, Person, Placement, PlacementKind, Role
from lti_tool.db import now
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.models import Grade
from lti_tool.grading.handing_in import SentFile, Work, hand_in
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Rubric, Submission, SubmissionState
from lti_tool.grading.reviewing import latest_review, save_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.runtime import Runtime
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of

ACTIVITY = PlacementKind.ACTIVITY
RUBRIC = {"rubric": [{"title": "Clarity", "points": 4}, {"title": "Reasons", "points": 6}]}

HandIn = Callable[..., Submission]
Mark = Callable[..., Grade]
Classroom = Callable[..., list[Submission]]


@pytest.fixture
def activity(house: House) -> Placement:
    """Ten points on two criteria, as the picker leaves them."""
    placement = house.placements[ACTIVITY]
    placement.options = RUBRIC
    house.session.flush()
    return placement


@pytest.fixture
def rubric(house: House, activity: Placement) -> Rubric:
    made = rubric_of(house.session, activity)
    assert made is not None
    return made


@pytest.fixture
def store(runtime: Runtime) -> FileStore:
    return FileStore.of(runtime.settings)


@pytest.fixture
def handed_in(house: House, activity: Placement, store: FileStore) -> HandIn:
    """handed_in(text="My essay", by="student", files={name: bytes}) -> the submission"""

    def made(text: str = "My essay", by: str = "student", key: str = "", **files: bytes) -> Submission:
        sent = [SentFile(name=name.replace("__", "."), stream=io.BytesIO(content)) for name, content in files.items()]
        work = Work(client_key=key or str(uuid4()), text=text, files=sent)
        return hand_in(house.session, viewer_of(house, by), activity, work, store)

    return made


@pytest.fixture
def marked(house: House, activity: Placement, rubric: Rubric) -> Mark:
    """marked(submission, clarity="3", reasons="5", feedback="Good", approved=False) -> the grade"""

    def made(
        submission: Submission,
        clarity: str = "3",
        reasons: str = "5",
        feedback: str = "Good",
        *,
        by: str = "teacher",
        approved: bool = False,
    ) -> Grade:
        latest = latest_review(house.session, submission)
        ticks = zip(rubric.criteria, (clarity, reasons), strict=True)
        marking = Marking(
            rubric_id=rubric.id,
            seen=latest.version if latest else 0,
            ticks={criterion.id: TickInput(points=Decimal(points)) for criterion, points in ticks},
            feedback=feedback,
        )
        marker = viewer_of(house, by)
        grade = save_review(house.session, marker, activity, submission, marking)
        if approved:
            approve(house.session, marker, grade)
        return grade

    return made


@pytest.fixture
def teacher(enter: Enter, activity: Placement) -> Browser:
    return enter("teacher", ACTIVITY)


@pytest.fixture
def student(enter: Enter, activity: Placement) -> Browser:
    return enter("student", ACTIVITY)


@pytest.fixture
def classroom(house: House, activity: Placement) -> Classroom:
    """classroom(text, text, ...) has each handed in by a student of its own."""

    def made(*texts: str) -> list[Submission]:
        people = [Person(platform_id=house.platform.id, sub=f"pupil-{number}") for number in range(len(texts))]
        house.session.add_all(people)
        house.session.flush()
        works = []
        for number, (person, text) in enumerate(zip(people, texts, strict=True)):
            house.session.add(Membership(course_id=house.course.id, person_id=person.id, roster_role=Role.STUDENT))
            works.append(
                Submission(
                    placement_id=activity.id,
                    person_id=person.id,
                    attempt=1,
                    client_key=str(number),
                    text=text,
                    state=SubmissionState.SUBMITTED,
                    submitted_at=now(),
                    sha256="0" * 64,
                )
            )
        house.session.add_all(works)
        house.session.flush()
        return works

    return made
