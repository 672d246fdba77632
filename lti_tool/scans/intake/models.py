"""Uploads that come in parts, and the keys of scanners that may do nothing but upload."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, OpaqueKey


class PartialUpload(Base):
    """A large file on its way; `received` bytes of it lie beside the stored files."""

    __tablename__ = "scan_upload"
    __table_args__ = (
        CheckConstraint("size > 0 AND received BETWEEN 0 AND size", name="received"),
        Index(
            "uq_scan_upload_open",
            "placement_id",
            "by_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    batch_id: Mapped[UUID]
    name: Mapped[str]
    size: Mapped[int]
    fingerprint: Mapped[str]
    received: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class ScannerKey(Base):
    """Lets a scanner add files to one exam, and do nothing else; only the hash of its secret is kept."""

    __tablename__ = "scanner_key"
    __table_args__ = (CheckConstraint("btrim(label) <> ''", name="label"),)

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    label: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    created_by: Mapped[Person] = relationship()
