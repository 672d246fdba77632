"""What question-by-question marking keeps until a work is whole: ticks on single criteria, and where questions stand.

A tick is everybody's who marks there; while two people mark without seeing each other it is its owner's alone. When a
work has a tick on each criterion they become a review or an independent mark, and the rows are gone.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key
from lti_tool.gradebook.models import Points


class QuestionTick(Base):
    """A choice on one criterion of one work; `version` counts its changes."""

    __tablename__ = "question_tick"
    __table_args__ = (
        UniqueConstraint("submission_id", "criterion_id", "owner_id"),
        Index(
            "uq_question_tick_shared",
            "submission_id",
            "criterion_id",
            unique=True,
            postgresql_where=text("owner_id IS NULL"),
        ),
        ForeignKeyConstraint(["level_id", "criterion_id"], ["level.id", "level.criterion_id"]),
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("owner_id = marker_id", name="owner_marks"),
    )

    id: Mapped[Key]
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    level_id: Mapped[int | None]
    points: Mapped[Decimal] = mapped_column(Points)
    comment: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    marker: Mapped[Person] = relationship(foreign_keys=marker_id)


class QuestionPages(Base):
    """On which pages of every work a question stands, as in printed booklets."""

    __tablename__ = "question_pages"
    __table_args__ = (CheckConstraint("first_page > 0 AND last_page >= first_page", name="pages"),)

    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    first_page: Mapped[int]
    last_page: Mapped[int]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
