"""Writing an event, in the transaction of what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lti_tool.activity.models import Event, EventKind
from lti_tool.db import now

__all__ = ["EventKind", "record"]

ADD = insert(Event).inline()


def record(
    session: Session,
    kind: EventKind,
    *,
    course_id: int,
    person_id: int | None,
    placement_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Add an event; `person_id` is None for what the tool did by itself, details hold ids and whole numbers."""
    values = {
        "occurred_at": occurred_at or now(),
        "kind": kind,
        "course_id": course_id,
        "person_id": person_id,
        "placement_id": placement_id,
        "details": dict(details or {}),
    }
    session.connection().execute(ADD, values)
