"""A Moodle assignment that is marked here: which placement of ours stands for it, and how Moodle grades it.

The rest says how the latest reading of its work went: `seen_until` is Moodle's own clock, `reason` why it failed.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Placement
from lti_tool.db import Base, CreatedAt, Key


class GradingMethod(StrEnum):
    """What Moodle calculates a grade from."""

    POINTS = "points"
    RUBRIC = "rubric"
    GUIDE = "guide"


class WorkflowState(StrEnum):
    """Where a grade that was approved here stands in Moodle's marking workflow, by Moodle's own words."""

    READY_FOR_REVIEW = "readyforreview"
    READY_FOR_RELEASE = "readyforrelease"
    RELEASED = "released"


class MoodleAssignment(Base):
    """`number` is the assignment's own, `module` that of its line in the course; both are Moodle's."""

    __tablename__ = "moodle_assignment"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        CheckConstraint("maximum > 0", name="maximum"),
        CheckConstraint("method IN ('points', 'rubric', 'guide')", name="method"),
        CheckConstraint("workflow_state IN ('readyforreview', 'readyforrelease', 'released')", name="workflow_state"),
    )

    id: Mapped[Key]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    module: Mapped[int]
    maximum: Mapped[Decimal] = mapped_column(Numeric(9, 3))
    method: Mapped[str]
    is_blind: Mapped[bool] = mapped_column(default=False)
    is_team: Mapped[bool] = mapped_column(default=False)
    has_workflow: Mapped[bool] = mapped_column(default=False)
    workflow_state: Mapped[str] = mapped_column(default=WorkflowState.READY_FOR_RELEASE)
    is_polled: Mapped[bool] = mapped_column(default=True)
    seen_until: Mapped[int] = mapped_column(default=0)
    rubric_changed_at: Mapped[int] = mapped_column(default=0)
    polled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]

    placement: Mapped[Placement] = relationship()
