"""What came of each roster sync. A fetch that would empty half the course waits for a teacher's word.

succeeded      failed      held -> accepted (the next sync may shrink the roster so far) | dismissed
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, Key, now


class SyncStatus(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    HELD = "held"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class RosterSync(Base):
    """One finished sync of a course."""

    __tablename__ = "roster_sync"
    __table_args__ = (
        CheckConstraint("status IN ('succeeded', 'failed', 'held', 'accepted', 'dismissed')", name="status"),
        CheckConstraint("(status IN ('accepted', 'dismissed')) = (decided_by_id IS NOT NULL)", name="decided"),
        Index("uq_roster_sync_held", "course_id", unique=True, postgresql_where=text("status = 'held'")),
        Index("ix_roster_sync_course_id_id", "course_id", "id"),
    )

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    status: Mapped[str]
    known_count: Mapped[int] = mapped_column(default=0)
    fetched_count: Mapped[int] = mapped_column(default=0)
    added_count: Mapped[int] = mapped_column(default=0)
    left_count: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime] = mapped_column(default=now)
