"""Graded answers that show what a level means: Exemplar > ExemplarTick.

Both are kept as they were given; an exemplar that no longer serves is deleted, never changed.
"""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.grading.models import Criterion, Level, Rubric, ShortPoints


class Exemplar(Base):
    """An answer without its author. `submission_id` names the approved work that it was copied from, if any."""

    __tablename__ = "exemplar"
    __table_args__ = (
        UniqueConstraint("id", "rubric_id"),
        UniqueConstraint("placement_id", "submission_id"),
        CheckConstraint("text <> ''", name="text"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubric.id"), index=True)
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    rubric: Mapped[Rubric] = relationship()
    ticks: Mapped[list["ExemplarTick"]] = relationship(
        order_by="ExemplarTick.id", lazy="selectin", cascade="all, delete-orphan", passive_deletes=True
    )


class ExemplarTick(Base):
    """What the answer got on one criterion of its rubric: a level, or points of a guide."""

    __tablename__ = "exemplar_tick"
    __table_args__ = (
        UniqueConstraint("exemplar_id", "criterion_id"),
        ForeignKeyConstraint(["exemplar_id", "rubric_id"], ["exemplar.id", "exemplar.rubric_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["criterion_id", "rubric_id"], ["criterion.id", "criterion.rubric_id"]),
        ForeignKeyConstraint(["level_id", "criterion_id"], ["level.id", "level.criterion_id"]),
        CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[Key]
    exemplar_id: Mapped[UUID]
    rubric_id: Mapped[int]
    criterion_id: Mapped[int]
    level_id: Mapped[int | None]
    points: Mapped[Decimal] = mapped_column(ShortPoints)

    criterion: Mapped[Criterion] = relationship(
        foreign_keys="ExemplarTick.criterion_id", primaryjoin="ExemplarTick.criterion_id == Criterion.id"
    )
    level: Mapped[Level | None] = relationship(
        foreign_keys="ExemplarTick.level_id", primaryjoin="ExemplarTick.level_id == Level.id"
    )
