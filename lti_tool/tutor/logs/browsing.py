"""The questions of a course in a span of days, newest first, each by "User 1", "User 2", ... (R133).

The numbers follow who asked first in the span, so a number names the same person on every page of it and says nothing
from one span to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, contains_eager

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.tutor.models import Conversation, Turn

PER_PAGE = 20
DAYS = 7
MOST_IN_FILE = 20_000
MOST_PAGES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days in UTC, both included."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A turn, and the number that stands for who asked."""

    user: int
    turn: Turn


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of entries; `count` is of all pages."""

    entries: Sequence[Entry]
    count: int
    page: int

    @property
    def has_more(self) -> bool:
        return self.page * PER_PAGE < self.count


def span_of(first: date | None, last: date | None, today: date) -> Span:
    """The days asked for, by default the last seven; raises InvalidInput for an end before its start."""
    end = last or today
    start = first or end - timedelta(days=DAYS - 1)
    if start > end:
        raise InvalidInput("span_reversed", "The first day is after the last.")
    return Span(first=start, last=end)


def find_turns(session: Session, viewer: Viewer, span: Span, page: int) -> Found:
    """One page; reading it is audited."""
    viewer.require(Capability.VIEW_LOGS)
    page = min(max(page, 1), MOST_PAGES)
    _tell(session, viewer, "logs.viewed", span)
    rows = session.scalars(_turns(viewer, span).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    count = session.scalar(select(func.count(Turn.id)).join(Turn.conversation).where(*_within(viewer, span)))
    return Found(entries=_numbered(session, viewer, span, rows), count=count or 0, page=page)


def all_turns(session: Session, viewer: Viewer, span: Span) -> Sequence[Entry]:
    """The span for a file, its newest questions if there are very many; taking it is audited."""
    viewer.require(Capability.VIEW_LOGS)
    _tell(session, viewer, "logs.exported", span)
    return _numbered(session, viewer, span, session.scalars(_turns(viewer, span).limit(MOST_IN_FILE)).all())


def _turns(viewer: Viewer, span: Span) -> Select[Turn]:
    return (
        select(Turn)
        .join(Turn.conversation)
        .options(contains_eager(Turn.conversation))
        .where(*_within(viewer, span))
        .order_by(Turn.created_at.desc(), Turn.id)
    )


def _numbered(session: Session, viewer: Viewer, span: Span, turns: Sequence[Turn]) -> list[Entry]:
    first_asked = func.min(Turn.created_at)
    people = session.scalars(
        select(Conversation.person_id)
        .join(Conversation.turns)
        .where(*_within(viewer, span))
        .group_by(Conversation.person_id)
        .order_by(first_asked, Conversation.person_id)
    )
    numbers = {person_id: number for number, person_id in enumerate(people, start=1)}
    return [Entry(user=numbers[turn.conversation.person_id], turn=turn) for turn in turns]


def _within(viewer: Viewer, span: Span) -> tuple[ColumnElement[bool], ...]:
    return (
        Conversation.course_id == viewer.course_id,
        Turn.created_at >= _midnight(span.first),
        Turn.created_at < _midnight(span.last + timedelta(days=1)),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _tell(session: Session, viewer: Viewer, action: str, span: Span) -> None:
    details = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    audit.by(session, viewer, action, object_type="course", object_id=viewer.course_id, details=details)
