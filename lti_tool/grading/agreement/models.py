"""The bar that an activity's assistant has to reach, and the papers that are graded blind to measure it.

    Gate > SampledPaper

The gate is the teacher's choice for one activity; without a row the defaults hold and no sample was drawn. A sampled
paper belongs to one sample only, and stays in it: whoever draws again adds papers, and takes none away.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, Key
from lti_tool.grading.models import Submission

DEFAULT_BAR = Decimal("0.70")
"""Where automatic essay scoring is usually accepted: weighted kappa .70, about what two careful people reach."""
DEFAULT_SIZE = 20
SMALLEST_SIZE, LARGEST_SIZE = 10, 200


class SampleReason(StrEnum):
    """What a paper of the sample stands for."""

    LENGTH = "length"
    PREDICTED = "predicted"


class Gate(Base):
    """The teacher's bar for one activity; `is_drift_watched` lets drift switch drafts off again."""

    __tablename__ = "grading_gate"
    __table_args__ = (
        CheckConstraint("bar BETWEEN 0 AND 1", name="bar"),
        CheckConstraint("sample_size BETWEEN 10 AND 200", name="sample_size"),
    )

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    bar: Mapped[Decimal] = mapped_column(Numeric(3, 2), default=DEFAULT_BAR)
    sample_size: Mapped[int] = mapped_column(default=DEFAULT_SIZE)
    is_drift_watched: Mapped[bool] = mapped_column(default=True)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]


class SampledPaper(Base):
    """A submission to be graded blind: what the assistant says of it is hidden until a person approved a grade."""

    __tablename__ = "sampled_paper"
    __table_args__ = (
        UniqueConstraint("placement_id", "position"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("reason IN ('length', 'predicted')", name="reason"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), unique=True)
    position: Mapped[int]
    reason: Mapped[str]
    created_at: Mapped[CreatedAt]

    submission: Mapped[Submission] = relationship()
