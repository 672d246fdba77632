"""The report counts what happened in this course in these 30 days, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.analytics.measures import Measure, Report, report_of
from lti_tool.db import now
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.grades import record_grade
from lti_tool.llm.models import LlmCall, Outcome
from tests.fixtures.services import viewer_of

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def happened(house: Any, session: Session) -> Any:
    """happened(kind, person=..., days_ago=0, course=...)"""

    def happen(kind: EventKind, name: str = "student", days_ago: float = 0, course: Any = None) -> None:
        events.record(
            session,
            kind,
            course_id=(course or house.course).id,
            person_id=house.people[name].id,
            occurred_at=NOON - timedelta(days=days_ago),
        )

    return happen


@pytest.fixture
def report(house: Any, session: Session) -> Any:
    def made() -> Report:
        session.flush()
        return report_of(session, house.course.id, TODAY)

    return made


def test_a_quiet_course_has_thirty_days_of_nothing(report: Any) -> None:
    found = report()
    assert (len(found.days), found.days[-1]) == (30, TODAY)
    assert [found.total(measure) for measure in Measure] == [0] * len(Measure)


def test_a_person_who_came_twice_is_one_person(happened: Any, report: Any) -> None:
    happened(EventKind.LAUNCHED)
    happened(EventKind.LAUNCHED, days_ago=1)
    happened(EventKind.LAUNCHED, "other_student")
    assert (report().total(Measure.PEOPLE), report().of(Measure.PEOPLE, TODAY)) == (2, 2)


def test_questions_and_all_kinds_of_answers_are_messages(happened: Any, report: Any) -> None:
    for kind in (
        EventKind.CHAT_MESSAGE_SENT,
        EventKind.ANSWERED,
        EventKind.QUOTED,
        EventKind.REFUSED,
        EventKind.LAUNCHED,
    ):
        happened(kind)
    assert report().of(Measure.MESSAGES, TODAY) == 4


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        (EventKind.SUBMITTED, Measure.SUBMISSIONS),
        (EventKind.EXAM_CONFIRMED, Measure.CONFIRMATIONS),
        (EventKind.APPROVED, Measure.APPROVALS),
        (EventKind.PUSHED, Measure.PUSHES),
    ],
)
def test_events_are_counted_on_their_day(happened: Any, report: Any, kind: EventKind, measure: Measure) -> None:
    happened(kind, days_ago=3)
    assert report().by_day[measure] == {TODAY - timedelta(days=3): 1}


@pytest.mark.parametrize(("days_ago", "counted"), [(29.4, 1), (29.6, 0)])
def test_the_first_of_the_thirty_days_begins_at_midnight(
    happened: Any, report: Any, days_ago: float, counted: int
) -> None:
    happened(EventKind.SUBMITTED, days_ago=days_ago)
    assert report().total(Measure.SUBMISSIONS) == counted


def test_another_course_is_not_counted(happened: Any, report: Any, house: Any) -> None:
    happened(EventKind.SUBMITTED, course=house.other_course)
    assert report().total(Measure.SUBMISSIONS) == report().total(Measure.PEOPLE) == 0


def test_tokens_of_model_calls_are_added_up(session: Session, house: Any, report: Any) -> None:
    for course in (house.course, house.other_course):
        session.add(
            LlmCall(
                course_id=course.id,
                feature="tutor",
                purpose="answer",
                model="m",
                duration_ms=1,
                outcome=Outcome.SUCCEEDED,
                prompt_tokens=30,
                completion_tokens=12,
                created_at=NOON,
            )
        )
    assert report().of(Measure.TOKENS, TODAY) == 42


def test_an_approval_is_counted_with_who_gave_it(session: Session, house: Any) -> None:
    placement = house.placements[PlacementKind.ACTIVITY]
    viewer = viewer_of(house, "teacher")
    grade = record_grade(
        session, viewer, placement_id=placement.id, person_id=house.student.id, points=Decimal(7), comment=""
    )
    approve(session, viewer, grade)
    session.flush()
    today = now().date()
    found = report_of(session, house.course.id, today)
    assert (found.of(Measure.APPROVALS, today), found.of(Measure.PUSHES, today), found.people) == (1, 0, 1)
    assert report_of(session, house.other_course.id, today).total(Measure.APPROVALS) == 0


def test_an_answer_counts_by_how_it_was_rated_last(house: Any, session: Session, report: Any) -> None:
    def rate(turn: int, value: int, hour: int) -> None:
        events.record(
            session,
            EventKind.FEEDBACK_GIVEN,
            course_id=house.course.id,
            person_id=house.student.id,
            occurred_at=NOON + timedelta(hours=hour),
            details={"conversation": "c", "turn": turn, "value": value},
        )

    rate(1, 1, 0), rate(2, 1, 0), rate(2, -1, 1), rate(3, 1, 0), rate(3, 0, 1)
    assert (report().total(Measure.THUMBS_UP), report().total(Measure.THUMBS_DOWN)) == (1, 1)
