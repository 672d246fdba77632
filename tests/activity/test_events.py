"""An event is written with what happened, and holds no more than it must."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.activity.events import EventKind, record
from lti_tool.activity.models import Event


def test_an_event_says_who_did_what_where(session: Session, house: Any) -> None:
    placement = next(iter(house.placements.values()))
    record(
        session,
        EventKind.CHAT_MESSAGE_SENT,
        course_id=house.course.id,
        person_id=house.student.id,
        placement_id=placement.id,
    )
    found = session.scalars(select(Event)).one()
    assert (found.kind, found.person_id, found.placement_id) == ("chat_message_sent", house.student.id, placement.id)


def test_what_the_tool_did_by_itself_has_no_person(session: Session, house: Any) -> None:
    record(session, EventKind.ROSTER_SYNCED, course_id=house.course.id, person_id=None)
    assert session.scalars(select(Event)).one().person_id is None


def test_an_unknown_kind_is_refused_by_the_table(session: Session, house: Any) -> None:
    with pytest.raises(IntegrityError, match="ck_event_kind"):
        session.execute(
            text("INSERT INTO event (occurred_at, course_id, kind, details) VALUES (now(), :c, 'yawned', '{}')"),
            {"c": house.course.id},
        )
