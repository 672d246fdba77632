"""What is handed in, what it is marked on, and what a marker decided (house-style.md, naming table).

    Submission: draft -> submitted -> withdrawn        RegradeRequest: open -> answered

Submission > SubmissionFile, Rubric > Criterion > Level, Review > Tick. The tables refuse any change of work that was
handed in, of a rubric, and of a marker's decision: a new attempt, rubric or review is a new row with the next number.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey, guard
from lti_tool.files.models import StoredFile
from lti_tool.gradebook.models import Approval, Points
from lti_tool.grading.guards import GUARDS


class SubmissionState(StrEnum):
    """Withdrawn: it turned out not to be this person's, or not to be complete; kept, and marked no more."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class RegradeState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"


class RubricKind(StrEnum):
    """Levels to choose from, points to give freely from 0 on, or one judgement of the whole."""

    LEVELS = "levels"
    GUIDE = "guide"
    HOLISTIC = "holistic"


class ShortPoints(TypeDecorator[Decimal]):
    """Points that read as people write them: 4 and 2.5, not 4.000 and 2.500."""

    impl = Points
    cache_ok = True

    def process_result_value(self, value: Decimal | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        whole = value.to_integral_value()
        return whole if whole == value else value.normalize()


class Submission(Base):
    """One attempt; fixed from the moment it is submitted. `client_key` is the form's: sent twice, kept once."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("placement_id", "person_id", "attempt"),
        UniqueConstraint("placement_id", "person_id", "client_key"),
        CheckConstraint("attempt > 0", name="attempt"),
        CheckConstraint("state IN ('draft', 'submitted', 'withdrawn')", name="state"),
        CheckConstraint(
            "(state <> 'draft') = (submitted_at IS NOT NULL AND sha256 IS NOT NULL)", name="submitted_has_receipt"
        ),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempt: Mapped[int]
    client_key: Mapped[str]
    state: Mapped[str] = mapped_column(default=SubmissionState.DRAFT)
    text: Mapped[str]
    submitted_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship()
    files: Mapped[list["SubmissionFile"]] = relationship(
        order_by="SubmissionFile.number", passive_deletes="all", lazy="selectin"
    )


class SubmissionFile(Base):
    """A file of a submission, by its number from 1.

    `covered` says which pages tell whose it is, and down to which share of their height: page 1 of a paper exam does.
    """

    __tablename__ = "submission_file"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[Key]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), index=True)
    pages: Mapped[int | None]
    covered: Mapped[dict[str, Any]] = mapped_column(default=dict)

    file: Mapped[StoredFile] = relationship(lazy="joined")


class WithheldWork(Base):
    """Work that came in for a person who has not yet said that it is theirs: staff mark it, its owner sees nothing."""

    __tablename__ = "withheld_work"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[CreatedAt]


class Rubric(Base):
    """What an activity is marked on. Never changed: saving it again makes the next version."""

    __tablename__ = "rubric"
    __table_args__ = (
        UniqueConstraint("placement_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("kind IN ('levels', 'guide', 'holistic')", name="kind"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(default=RubricKind.LEVELS)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    criteria: Mapped[list["Criterion"]] = relationship(order_by="Criterion.position", lazy="selectin")

    @property
    def points(self) -> Decimal:
        """What its criteria give together; `rubrics.scoring` turns it into the activity's points."""
        return sum((Decimal(criterion.points) for criterion in self.criteria), Decimal(0))


class Criterion(Base):
    """One line of a rubric, with the most points it can give.

    `for_markers` is never shown to students. `weight` is its share of the grade where the rubric has weights: then
    every criterion has one. `moodle_id` is its number in the rubric or guide that it was imported from.
    """

    __tablename__ = "criterion"
    __table_args__ = (
        UniqueConstraint("rubric_id", "position"),
        UniqueConstraint("id", "rubric_id"),
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("weight > 0", name="weight"),
    )

    id: Mapped[Key]
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubric.id"))
    position: Mapped[int]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    for_markers: Mapped[str] = mapped_column(default="")
    points: Mapped[Decimal] = mapped_column(ShortPoints)
    weight: Mapped[Decimal | None] = mapped_column(ShortPoints)
    moodle_id: Mapped[int | None]

    levels: Mapped[list["Level"]] = relationship(order_by="Level.position", lazy="selectin")


class Level(Base):
    """A step of a criterion; the title may be empty where the points say it all."""

    __tablename__ = "level"
    __table_args__ = (
        UniqueConstraint("criterion_id", "position"),
        UniqueConstraint("id", "criterion_id"),
        CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[Key]
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    points: Mapped[Decimal] = mapped_column(ShortPoints)
    moodle_id: Mapped[int | None]


class Review(Base):
    """What a marker decided about a submission; it became this version of the grade."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("submission_id", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("points >= 0", name="points"),
        Index("ix_review_grade_id_grade_version", "grade_id", "grade_version"),
    )

    id: Mapped[Key]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    version: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    rubric_id: Mapped[int | None] = mapped_column(ForeignKey("rubric.id"), index=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("grade.id"))
    grade_version: Mapped[int]
    points: Mapped[Decimal] = mapped_column(Points)
    feedback: Mapped[str]
    created_at: Mapped[CreatedAt]

    submission: Mapped[Submission] = relationship()
    marker: Mapped[Person] = relationship()
    rubric: Mapped[Rubric | None] = relationship()
    ticks: Mapped[list["Tick"]] = relationship(order_by="Tick.id", lazy="selectin")


class Tick(Base):
    """The marker's choice on one criterion: a level, or points set by hand; perhaps a word and quotations about it."""

    __tablename__ = "tick"
    __table_args__ = (
        UniqueConstraint("review_id", "criterion_id"),
        ForeignKeyConstraint(["level_id", "criterion_id"], ["level.id", "level.criterion_id"]),
        CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    level_id: Mapped[int | None]
    points: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str] = mapped_column(default="")
    evidence: Mapped[list[str]] = mapped_column(default=list)

    criterion: Mapped[Criterion] = relationship()
    level: Mapped[Level | None] = relationship(foreign_keys="Tick.level_id", primaryjoin="Tick.level_id == Level.id")


class RegradeRequest(Base):
    """A student asks to look at an approved grade again, and a person answers; one is open at a time."""

    __tablename__ = "regrade_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered')", name="state"),
        CheckConstraint(
            "(state = 'answered') = (answered_by_id IS NOT NULL AND answered_at IS NOT NULL AND reply IS NOT NULL)",
            name="answered",
        ),
        CheckConstraint("answered_by_id <> person_id", name="not_own"),
        Index(
            "uq_regrade_request_open", "placement_id", "person_id", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index("ix_regrade_request_placement_id_person_id", "placement_id", "person_id"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=RegradeState.OPEN)
    reply: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    approval: Mapped[Approval] = relationship()
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)


guard(GUARDS, probe="grading_keep_files")
