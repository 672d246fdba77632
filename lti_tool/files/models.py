"""Files that were accepted: whose they are and how they are called. The bytes lie in the file store, by hash."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, CreatedAt, OpaqueKey


class StoredFile(Base):
    """One accepted file; many rows may share the same bytes. Whose it is never follows from its hash.

    `checked_at` is when its bytes were last compared with the hash; those that differ or are gone are never served.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("size > 0", name="size"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]
    checked_at: Mapped[datetime | None] = mapped_column(index=True)
    is_damaged: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
