"""How the latest reading of a course from Moodle goes: one row a course, shown live on the material page."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base


class ReadingState(StrEnum):
    """todo -> doing -> succeeded or failed, and back to todo when asked again."""

    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class MoodleReading(Base):
    """`read_at` is when the latest complete reading began: what Moodle changed later is new. The rest is for people."""

    __tablename__ = "moodle_reading"
    __table_args__ = (
        CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name="state"),
        CheckConstraint("(state = 'failed') = (reason <> '')", name="reason"),
    )

    course_id: Mapped[int] = mapped_column(
        ForeignKey("course.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(default=ReadingState.TODO)
    reason: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    read_in_full_at: Mapped[datetime | None]
