"""Letters on their way.

    todo -> doing -> succeeded      doing -> todo (again later)      doing -> failed

`key` says what a letter is about: written twice, sent once. What it said is forgotten when it has left, or given up.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, OpaqueKey


class LetterState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Letter(Base):
    """One e-mail to one person; the address is looked up when it is sent."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name="state"),
        CheckConstraint("(state = 'doing') = (leased_until IS NOT NULL)", name="lease"),
        CheckConstraint("(state = 'succeeded') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state IN ('todo', 'doing') OR body = ''", name="forgotten"),
        Index("ix_letter_due", "next_try_at", postgresql_where=text("state IN ('todo', 'doing')")),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default=LetterState.TODO)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship()
