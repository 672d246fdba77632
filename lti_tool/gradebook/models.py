"""Grade -> Approval -> ApprovalEnd, Push (lti-decisions.md, Grade outbox).

A grade is our value and changes freely. An approval is what a named person accepted, word for word, and never changes.
It is released to student and platform at once, or waits until it is released or withdrawn. A push is one row per
target and person, where a target is a gradebook column or a Moodle assignment: the latest released approval wins,
`lease` says who is sending it, and `last_timestamp` is stored before anything is sent.

    todo -> doing -> succeeded <-> overridden      doing -> todo (again later)      doing -> failed -> todo (resend)

The tables refuse a push of what nobody approved or released, an approval by the graded person, and any change of the
history.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person, ResourceLink
from lti_tool.db import Base, CreatedAt, Key, guard
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.gradebook.guards import GUARDS

Points = Numeric(9, 3)


class PushStatus(StrEnum):
    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    OVERRIDDEN = "overridden"


class End(StrEnum):
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Grade(Base):
    """Our value for a person and a placement; a draft until its version is approved."""

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("placement_id", "person_id"),
        UniqueConstraint("id", "person_id"),
        CheckConstraint("points >= 0 AND points <= maximum AND maximum > 0", name="points"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("recorded_by_id <> person_id", name="not_own"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    points: Mapped[Decimal] = mapped_column(Points)
    maximum: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship(foreign_keys=person_id)


class Approval(Base):
    """A person accepted this version of a grade: these points, this comment. Append-only."""

    __tablename__ = "approval"
    __table_args__ = (
        UniqueConstraint("grade_id", "grade_version"),
        ForeignKeyConstraint(["grade_id", "person_id"], ["grade.id", "grade.person_id"]),
        CheckConstraint("approved_by_id <> person_id", name="not_own"),
    )

    id: Mapped[Key]
    grade_id: Mapped[int]
    grade_version: Mapped[int]
    person_id: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Points)
    maximum: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str]
    changes: Mapped[dict[str, Any]]
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]

    grade: Mapped[Grade] = relationship(viewonly=True)
    approved_by: Mapped[Person] = relationship(foreign_keys=approved_by_id)


class ApprovalEnd(Base):
    """What became of an approval: released for good, or withdrawn before that. One row, so never both; append-only."""

    __tablename__ = "approval_end"
    __table_args__ = (CheckConstraint("kind IN ('released', 'withdrawn')", name="kind"),)

    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    kind: Mapped[str]
    ended_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime]

    ended_by: Mapped[Person] = relationship()


class GradeLook(Base):
    """This person had this version of a grade before them, with the work that it is of."""

    __tablename__ = "grade_look"

    grade_id: Mapped[int] = mapped_column(ForeignKey("grade.id", ondelete="CASCADE"), primary_key=True)
    grade_version: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime]


class Push(Base):
    """The delivery of a person's latest approved grade to one gradebook column or Moodle assignment."""

    __tablename__ = "push"
    __table_args__ = (
        UniqueConstraint("resource_link_id", "person_id"),
        UniqueConstraint("moodle_assignment_id", "person_id"),
        CheckConstraint("num_nonnulls(resource_link_id, moodle_assignment_id) = 1", name="target"),
        ForeignKeyConstraint(["grade_id", "person_id"], ["grade.id", "grade.person_id"]),
        ForeignKeyConstraint(
            ["grade_id", "grade_version"],
            ["approval.grade_id", "approval.grade_version"],
            name="fk_push_approval",
        ),
        CheckConstraint("status IN ('todo', 'doing', 'succeeded', 'failed', 'overridden')", name="status"),
        CheckConstraint("(status = 'doing') = (lease IS NOT NULL AND leased_until IS NOT NULL)", name="lease"),
        CheckConstraint(
            "status NOT IN ('succeeded', 'overridden') OR (sent_version = grade_version AND sent_at IS NOT NULL)",
            name="sent",
        ),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_push_due", "next_try_at", postgresql_where=text("status = 'todo'")),
        Index("ix_push_leased", "leased_until", postgresql_where=text("status = 'doing'")),
        Index("ix_push_unread", "id", postgresql_where=text("status IN ('succeeded', 'overridden') AND is_result_due")),
    )

    id: Mapped[Key]
    resource_link_id: Mapped[int | None] = mapped_column(ForeignKey("resource_link.id"))
    moodle_assignment_id: Mapped[int | None] = mapped_column(ForeignKey("moodle_assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    grade_id: Mapped[int] = mapped_column(index=True)
    grade_version: Mapped[int]
    status: Mapped[str] = mapped_column(default=PushStatus.TODO)
    attempts: Mapped[int] = mapped_column(default=0)
    conflicts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    last_timestamp: Mapped[datetime | None]
    last_code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    sent_version: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    is_result_due: Mapped[bool] = mapped_column(default=False)
    result_score: Mapped[Decimal | None] = mapped_column(Points)
    result_maximum: Mapped[Decimal | None] = mapped_column(Points)
    result_read_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    resource_link: Mapped[ResourceLink | None] = relationship()
    moodle_assignment: Mapped[MoodleAssignment | None] = relationship()


class PushAttempt(Base):
    """What came of sending, each time; append-only."""

    __tablename__ = "push_attempt"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('accepted', 'ignored', 'unauthorised', 'gone', 'conflict',"
            " 'refused', 'broken', 'busy', 'unknown')",
            name="outcome",
        ),
    )

    id: Mapped[Key]
    push_id: Mapped[int] = mapped_column(ForeignKey("push.id"), index=True)
    grade_version: Mapped[int]
    timestamp: Mapped[datetime]
    outcome: Mapped[str]
    code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]


guard(GUARDS, probe="gradebook_check_push")
