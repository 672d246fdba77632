"""What the desk keeps beside reviews: independent marks, who marks whom, notes, the comment bank, time and choices.

    IndependentMark > IndependentTick      two of them become a Review, and Reconciliation says how
    Allocation                             who marks which student
    PrivateNote, BankComment               for staff alone; nothing of them is ever released
    Look                                   that a person opened a submission, and how long they worked at it

The tables refuse any change of a mark: saved again it is the next version, and none is added once both are in.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey, guard
from lti_tool.gradebook.models import Points
from lti_tool.grading.models import Criterion, Level, Rubric, Submission


class How(StrEnum):
    """How two marks became one."""

    AGREED = "agreed"
    MEAN = "mean"
    ONE = "one"
    NEW = "new"


class Order(StrEnum):
    """In which order the queue stands."""

    NAME = "name"
    TIME = "time"
    PRIORITY = "priority"
    RANDOM = "random"


class IndependentMark(Base):
    """What one of two markers thinks, without having seen the other's."""

    __tablename__ = "independent_mark"
    __table_args__ = (
        UniqueConstraint("submission_id", "marker_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[Key]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int]
    rubric_id: Mapped[int | None] = mapped_column(ForeignKey("rubric.id"))
    points: Mapped[Decimal] = mapped_column(Points)
    feedback: Mapped[str]
    created_at: Mapped[CreatedAt]

    submission: Mapped[Submission] = relationship()
    marker: Mapped[Person] = relationship()
    rubric: Mapped[Rubric | None] = relationship()
    ticks: Mapped[list["IndependentTick"]] = relationship(order_by="IndependentTick.id", lazy="selectin")


class IndependentTick(Base):
    """The choice on one criterion."""

    __tablename__ = "independent_tick"
    __table_args__ = (
        UniqueConstraint("mark_id", "criterion_id"),
        ForeignKeyConstraint(["level_id", "criterion_id"], ["level.id", "level.criterion_id"]),
        CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("independent_mark.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    level_id: Mapped[int | None]
    points: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str] = mapped_column(default="")
    evidence: Mapped[list[str]] = mapped_column(default=list)

    criterion: Mapped[Criterion] = relationship()
    level: Mapped[Level | None] = relationship(
        foreign_keys="IndependentTick.level_id", primaryjoin="IndependentTick.level_id == Level.id"
    )


class Reconciliation(Base):
    """The review that a person made of two marks."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        CheckConstraint("how IN ('agreed', 'mean', 'one', 'new')", name="how"),
        CheckConstraint("first_mark_id <> second_mark_id", name="two_marks"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    first_mark_id: Mapped[int] = mapped_column(ForeignKey("independent_mark.id"))
    second_mark_id: Mapped[int] = mapped_column(ForeignKey("independent_mark.id"))
    how: Mapped[str]
    created_at: Mapped[CreatedAt]


class Allocation(Base):
    """This student's work at this activity is this marker's to mark."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("placement_id", "person_id", "marker_id"),
        CheckConstraint("marker_id <> person_id", name="not_own"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    marker: Mapped[Person] = relationship(foreign_keys=marker_id)


class PrivateNote(Base):
    """What staff write for staff about a student's work at an activity."""

    __tablename__ = "private_note"
    __table_args__ = (Index("ix_private_note_placement_id_person_id", "placement_id", "person_id"),)

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    created_at: Mapped[CreatedAt]

    author: Mapped[Person] = relationship(foreign_keys=author_id)


class BankComment(Base):
    """A comment to use again: one's own in the whole course, or with a placement that of all who mark there."""

    __tablename__ = "bank_comment"
    __table_args__ = (
        Index("ix_bank_comment_course_id_owner_id", "course_id", "owner_id"),
        CheckConstraint("text <> ''", name="text"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    created_at: Mapped[CreatedAt]


class Look(Base):
    """A person opened a submission; `credited_at` is up to when their time is counted."""

    __tablename__ = "look"
    __table_args__ = (
        UniqueConstraint("submission_id", "person_id"),
        CheckConstraint("seconds >= 0", name="seconds"),
        Index("ix_look_person_id_credited_at", "person_id", "credited_at"),
    )

    id: Mapped[Key]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    credited_at: Mapped[datetime]
    seconds: Mapped[int] = mapped_column(default=0)
    had_draft: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]


class DeskPreference(Base):
    """How a person likes to work: single-letter keys on or off, and the order of the queue."""

    __tablename__ = "desk_preference"
    __table_args__ = (CheckConstraint("queue_order IN ('name', 'time', 'priority', 'random')", name="queue_order"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
    queue_order: Mapped[str] = mapped_column(default=Order.NAME)
    is_mine_only: Mapped[bool] = mapped_column(default=False)


GUARDS = """
CREATE FUNCTION desk_keep_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM independent_mark WHERE submission_id = NEW.submission_id HAVING count(DISTINCT marker_id) >= 2;
    IF FOUND THEN
        RAISE EXCEPTION 'both marks are in';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER independent_mark_is_sealed BEFORE INSERT ON independent_mark
    FOR EACH ROW EXECUTE FUNCTION desk_keep_marks();
CREATE TRIGGER independent_mark_is_fixed BEFORE UPDATE ON independent_mark
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER independent_tick_is_fixed BEFORE UPDATE ON independent_tick
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
"""

guard(GUARDS, probe="desk_keep_marks")
