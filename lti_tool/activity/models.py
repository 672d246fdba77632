"""One row an event, with as little as analytics needs: ids, a kind, whole numbers. No text that a person wrote.

The key begins with the id but holds the time, so that the table can be split by month where it grows.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base


class EventKind(StrEnum):
    """What somebody did."""

    LAUNCHED = "launched"
    THREAD_CREATED = "thread_created"
    CHAT_MESSAGE_SENT = "chat_message_sent"
    ANSWERED = "answered"
    QUOTED = "quoted"
    REFUSED = "refused"
    FEEDBACK_GIVEN = "feedback_given"
    CHAT_EXPORTED = "chat_exported"
    THREAD_DELETED = "thread_deleted"
    QUESTION_ESCALATED = "question_escalated"
    ESCALATION_ANSWERED = "escalation_answered"
    INJECTION_FOUND = "injection_found"
    OUTPUT_BLOCKED = "output_blocked"
    MATERIAL_ADDED = "material_added"
    MATERIAL_REMOVED = "material_removed"
    SUBMITTED = "submitted"
    PROPOSED = "proposed"
    GRADED = "graded"
    APPROVED = "approved"
    PUSHED = "pushed"
    PUSH_FAILED = "push_failed"
    EXAM_UPLOADED = "exam_uploaded"
    EXAM_CONFIRMED = "exam_confirmed"
    EXAM_DISPUTED = "exam_disputed"
    EXPORTED = "exported"
    ROSTER_SYNCED = "roster_synced"


KINDS = ", ".join(f"'{kind}'" for kind in EventKind)


class Event(Base):
    """Something a person did in a course."""

    __tablename__ = "event"
    __table_args__ = (
        PrimaryKeyConstraint("id", "occurred_at"),
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        Index("ix_event_course_id_occurred_at", "course_id", "occurred_at"),
        Index("ix_event_person_id_occurred_at", "person_id", "occurred_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity())
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    placement_id: Mapped[UUID | None]
    kind: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
