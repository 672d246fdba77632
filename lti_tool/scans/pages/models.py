"""Pages of a pile, which paper each stands in, and what was read on them (scans.md, Design).

A page is one image of one original; it is never deleted and its picture never replaced. The tables refuse a move that
states.PAGE_MOVES does not hold, a page in two papers, two placed pages of one printed sheet, a page set aside without
a reason and a name, and any change of what was read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.files.models import StoredFile
from lti_tool.scans.models import SentFile
from lti_tool.scans.pages.states import EvidenceKind, PageState


def _among(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


class Page(Base):
    """One page of one original; `image` is its picture, taken out of the original as it was scanned.

    Pages of papers older than this table have no picture of their own: they are drawn from the original.
    """

    __tablename__ = "scan_page"
    __table_args__ = (
        CheckConstraint(f"state IN {_among(PageState)}", name="state"),
        CheckConstraint("rotation IN (0, 90, 180, 270)", name="rotation"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("state = 'purged' OR (image_id IS NULL) = (sha256 = '')", name="image_has_hash"),
        CheckConstraint("state <> 'purged' OR image_id IS NULL", name="purged_has_none"),
        CheckConstraint("state <> 'duplicate' OR twin_id IS NOT NULL", name="duplicate_of"),
        CheckConstraint(
            "state <> 'discarded' OR (btrim(reason) <> '' AND changed_by_id IS NOT NULL)", name="discarded_by"
        ),
        UniqueConstraint("sent_file_id", "number"),
        Index(
            "uq_scan_page_sheet",
            "placement_id",
            "booklet",
            "sheet_number",
            unique=True,
            postgresql_where=text("state = 'placed'"),
        ),
        Index("ix_scan_page_placement_id_sha256", "placement_id", "sha256"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    sent_file_id: Mapped[UUID] = mapped_column(ForeignKey("scan_file.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default=PageState.RECEIVED)
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str] = mapped_column(default="")
    phash: Mapped[str] = mapped_column(default="")
    rotation: Mapped[int] = mapped_column(default=0)
    ink: Mapped[int | None]
    booklet: Mapped[str | None]
    sheet_number: Mapped[int | None]
    twin_id: Mapped[UUID | None] = mapped_column(ForeignKey("scan_page.id"))
    reason: Mapped[str] = mapped_column(default="")
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    sent_file: Mapped[SentFile] = relationship(lazy="joined")
    image: Mapped[StoredFile | None] = relationship(lazy="joined")
    changed_by: Mapped[Person | None] = relationship()


class PaperPage(Base):
    """Where a page stands in its paper."""

    __tablename__ = "paper_page"
    __table_args__ = (
        UniqueConstraint("paper_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("position > 0", name="position"),
    )

    page_id: Mapped[UUID] = mapped_column(ForeignKey("scan_page.id"), primary_key=True)
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"))
    position: Mapped[int]

    page: Mapped[Page] = relationship(lazy="joined")


class Evidence(Base):
    """One thing that was read on a page or said about a paper, with its confidence and the reader's version."""

    __tablename__ = "scan_evidence"
    __table_args__ = (
        CheckConstraint(f"kind IN {_among(EvidenceKind)}", name="kind"),
        CheckConstraint("(page_id IS NULL) <> (paper_id IS NULL)", name="of_one"),
    )

    id: Mapped[Key]
    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("scan_page.id"), index=True)
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"), index=True)
    kind: Mapped[str]
    claim: Mapped[str]
    confidence: Mapped[float]
    model_version: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]


class Step(Base):
    """One thing that staff did to pages or papers, with how they stood before it: what "undo" goes back to."""

    __tablename__ = "scan_step"
    __table_args__ = (CheckConstraint("kind <> ''", name="kind"),)

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
