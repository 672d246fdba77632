"""Who used the course most (R129, R130), by number: the dashboard counts and does not name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.activity.models import Event, EventKind
from lti_tool.analytics.measures import DAYS
from lti_tool.db import now

TOP = 10


@dataclass(frozen=True, kw_only=True)
class ActivePerson:
    """The number of a person, their messages, and when they last did anything."""

    person_id: int
    messages: int
    last_active: datetime


def active_people(session: Session, course_id: int, *, most: int | None = None) -> Sequence[ActivePerson]:
    """The people of the last 30 days, most messages first."""
    messages = func.count().filter(Event.kind == EventKind.CHAT_MESSAGE_SENT)
    rows = session.execute(
        select(Event.person_id, messages, func.max(Event.occurred_at))
        .where(
            Event.course_id == course_id,
            Event.occurred_at >= now() - timedelta(days=DAYS),
            Event.person_id.is_not(None),
        )
        .group_by(Event.person_id)
        .order_by(messages.desc(), Event.person_id)
        .limit(most)
    )
    return [
        ActivePerson(person_id=person_id, messages=count, last_active=last)
        for person_id, count, last in rows
        if person_id is not None
    ]
