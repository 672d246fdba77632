"""What happened in a course in the last 30 days (R129): counts by day, never who.

Events say what was done; calls to language models are counted where they are kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Date, Select, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.activity.models import Event, EventKind
from lti_tool.activity.ratings import latest_ratings
from lti_tool.llm.models import LlmCall

DAYS = 30


class Measure(StrEnum):
    """What is counted."""

    PEOPLE = "people"
    MESSAGES = "messages"
    TOKENS = "tokens"
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    SUBMISSIONS = "submissions"
    CONFIRMATIONS = "confirmations"
    APPROVALS = "approvals"
    PUSHES = "pushes"


BY_EVENTS: dict[Measure, tuple[EventKind, ...]] = {
    Measure.MESSAGES: (EventKind.CHAT_MESSAGE_SENT, EventKind.ANSWERED, EventKind.QUOTED, EventKind.REFUSED),
    Measure.SUBMISSIONS: (EventKind.SUBMITTED,),
    Measure.CONFIRMATIONS: (EventKind.EXAM_CONFIRMED,),
    Measure.APPROVALS: (EventKind.APPROVED,),
    Measure.PUSHES: (EventKind.PUSHED,),
}

Counts = dict[date, int]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The measures of a course: a number a day, oldest day first, and the total of the time."""

    days: Sequence[date]
    by_day: dict[Measure, Counts]
    people: int

    def of(self, measure: Measure, day: date) -> int:
        return self.by_day[measure].get(day, 0)

    def total(self, measure: Measure) -> int:
        """The sum of the days; people who came on several days count once."""
        return self.people if measure is Measure.PEOPLE else sum(self.by_day[measure].values())

    def rows(self) -> Iterator[tuple[date, list[int]]]:
        """Each day with all its measures, newest first, as the table shows them."""
        for day in reversed(self.days):
            yield day, [self.of(measure, day) for measure in Measure]


def report_of(session: Session, course_id: int, today: date) -> Report:
    """The last 30 days of a course, today included, by the days of UTC."""
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    since = datetime.combine(days[0], time(), UTC)
    return Report(
        days=days,
        by_day={
            **_by_events(session, course_id, since),
            Measure.PEOPLE: _counts(session, _people(course_id, since)),
            Measure.TOKENS: _counts(session, _tokens(course_id, since)),
            Measure.THUMBS_UP: _counts(session, _thumbs(course_id, since, 1)),
            Measure.THUMBS_DOWN: _counts(session, _thumbs(course_id, since, -1)),
        },
        people=session.scalar(select(_distinct_people()).where(*_events(course_id, since))) or 0,
    )


def _by_events(session: Session, course_id: int, since: datetime) -> dict[Measure, Counts]:
    day = _day(Event.occurred_at)
    rows = session.execute(
        select(day, Event.kind, func.count()).where(*_events(course_id, since)).group_by(day, Event.kind)
    )
    counts: dict[Measure, Counts] = {measure: defaultdict(int) for measure in BY_EVENTS}
    for when, kind, count in rows:
        for measure, kinds in BY_EVENTS.items():
            if kind in kinds:
                counts[measure][when] += count
    return counts


def _people(course_id: int, since: datetime) -> Select[date, int]:
    day = _day(Event.occurred_at)
    return select(day, _distinct_people()).where(*_events(course_id, since)).group_by(day)


def _tokens(course_id: int, since: datetime) -> Select[date, int]:
    day = _day(LlmCall.created_at)
    total = func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens)
    return select(day, total).where(LlmCall.course_id == course_id, LlmCall.created_at >= since).group_by(day)


def _thumbs(course_id: int, since: datetime, value: int) -> Select[date, int]:
    """Answers by how they were rated last, on the day of that rating."""
    latest = latest_ratings(*_events(course_id, since))
    day = _day(latest.c.occurred_at)
    return select(day, func.count()).where(latest.c.value == value).group_by(day)


def _counts(session: Session, query: Select[date, int]) -> Counts:
    return {day: int(count) for day, count in session.execute(query)}


def _events(course_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return Event.course_id == course_id, Event.occurred_at >= since


def _distinct_people() -> ColumnElement[int]:
    return func.count(Event.person_id.distinct())


def _day(moment: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> ColumnElement[date]:
    return cast(func.timezone("UTC", moment), Date)
