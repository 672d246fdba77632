"""How answers were rated last (R12): a rating may be changed or taken back, so the latest of each answer counts."""

from sqlalchemy import ColumnElement, Subquery, select
from sqlalchemy.dialects.postgresql import distinct_on

from lti_tool.activity.models import Event, EventKind


def latest_ratings(*which: ColumnElement[bool]) -> Subquery:
    """One row a rated answer: when it was rated last (`occurred_at`) and how (`value`: 1, -1, or 0 for taken back)."""
    conversation, turn = Event.details["conversation"].astext, Event.details["turn"].astext
    return (
        select(Event.occurred_at, Event.details["value"].as_integer().label("value"))
        .where(Event.kind == EventKind.FEEDBACK_GIVEN, *which)
        .ext(distinct_on(conversation, turn))
        .order_by(conversation, turn, Event.occurred_at.desc(), Event.id.desc())
        .subquery()
    )
