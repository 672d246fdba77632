"""Questions for the teachers of a course, and whose turns wait for their answers.

    open ──► answered ──► answered (corrected)
      └────► closed

Of questions made of the same words one alone is open in a course: the table refuses a second. A student who deletes
the conversation is no longer among the askers; a question that nobody waits for is not shown and goes by night.
`told_at` is when the teachers were told that it waits.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, OpaqueKey


class EscalationState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Escalation(Base):
    """A question for the teachers; `tutor_said` is what the tutor had answered to whoever asked first."""

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'closed')", name="state"),
        CheckConstraint("(state = 'answered') = (answer_markdown <> '')", name="answered_has_answer"),
        CheckConstraint("(state = 'answered') = (author_id IS NOT NULL)", name="answered_has_author"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered_has_moment"),
        Index("uq_escalation_open", "course_id", "fingerprint", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_escalation_course_id_state", "course_id", "state"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    question: Mapped[str]
    fingerprint: Mapped[str]
    tutor_said: Mapped[str]
    state: Mapped[str] = mapped_column(default=EscalationState.OPEN)
    answer_markdown: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("source.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]

    author: Mapped[Person | None] = relationship(lazy="joined")
    askers: Mapped[list["EscalationAsker"]] = relationship(passive_deletes="all")


class EscalationAsker(Base):
    """A turn under which the answer will stand, and whether its person has seen it."""

    __tablename__ = "escalation_asker"

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), primary_key=True)
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    seen_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
