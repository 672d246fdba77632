"""Exports of an exam, answers to what students reported, and the deletion of its scans.

    Export: todo -> ready | failed            Purge: asked for, then finished

An answer is append-only. One purge of an exam is under way at a time, and one that was forced has a reason.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, OpaqueKey
from lti_tool.files.models import StoredFile


class ExportState(StrEnum):
    TODO = "todo"
    READY = "ready"
    FAILED = "failed"


class Export(Base):
    """A ZIP of papers. `numbers` are Moodle's participant numbers by person, or none: then names carry the register's.

    `module` is the assignment's own number in Moodle's addresses, where its web services are asked for the numbers.
    """

    __tablename__ = "scan_export"
    __table_args__ = (
        CheckConstraint("state IN ('failed', 'ready', 'todo')", name="state"),
        CheckConstraint("state <> 'ready' OR file_id IS NOT NULL OR papers = 0", name="ready_has_file"),
        CheckConstraint("papers >= 0 AND unnamed >= 0", name="counts"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    is_for_moodle: Mapped[bool]
    module: Mapped[int | None]
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default=ExportState.TODO)
    reason: Mapped[str] = mapped_column(default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    papers: Mapped[int] = mapped_column(default=0)
    unnamed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]

    by: Mapped[Person] = relationship()
    file: Mapped[StoredFile | None] = relationship(lazy="joined")


class ReportAnswer(Base):
    """What staff say to what a student found wrong; shown to that student."""

    __tablename__ = "report_answer"
    __table_args__ = (CheckConstraint("btrim(words) <> ''", name="words"),)

    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verification.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str]
    created_at: Mapped[CreatedAt]

    by: Mapped[Person] = relationship()


class Purge(Base):
    """Somebody had the scans of an exam deleted, or they had been kept long enough; with what went."""

    __tablename__ = "scan_purge"
    __table_args__ = (
        CheckConstraint("NOT is_forced OR btrim(reason) <> ''", name="forced_has_reason"),
        CheckConstraint("papers >= 0 AND pages >= 0 AND files >= 0", name="counts"),
        Index("uq_scan_purge_open", "placement_id", unique=True, postgresql_where=text("finished_at IS NULL")),
        Index("ix_scan_purge_placement_id", "placement_id"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_forced: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    papers: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    by: Mapped[Person | None] = relationship()
