"""What the indexing of a source is doing at this moment; the outcome stands in the source itself."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base


class Stage(StrEnum):
    """In their order. Without an embedding model a source is ready once it is cut."""

    READING = "reading"
    CUTTING = "cutting"
    EMBEDDING = "embedding"
    READY = "ready"


class SourceProgress(Base):
    """One row a source, written over as the work goes on.

    `done` of `total` counts pages while reading and passages while embedding. `unread_pages` is what reading could
    make nothing of, `note` why embedding waits.
    """

    __tablename__ = "source_progress"
    __table_args__ = (
        CheckConstraint("stage IN ('reading', 'cutting', 'embedding', 'ready')", name="stage"),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
    )

    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    unread_pages: Mapped[int] = mapped_column(server_default="0")
    note: Mapped[str] = mapped_column(server_default="")
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
