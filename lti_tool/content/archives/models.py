"""Archives that were sent, and what became of each: the page shows it, the file itself is not kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, OpaqueKey
from lti_tool.files.models import StoredFile


class CourseArchive(Base):
    """One backup or cartridge. `failures` holds title and reason of each item that could not be read."""

    __tablename__ = "course_archive"
    __table_args__ = (
        CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name="state"),
        CheckConstraint("(state = 'failed') = (reason <> '')", name="reason"),
        CheckConstraint("(state IN ('todo', 'doing')) = (file_id IS NOT NULL)", name="file"),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[str] = mapped_column(server_default="todo")
    reason: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str] = mapped_column(server_default="")
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    added: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    removed: Mapped[int] = mapped_column(server_default="0")
    left_out: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[list[Any]] = mapped_column(server_default="[]")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]

    file: Mapped[StoredFile | None] = relationship()
