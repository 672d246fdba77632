"""The values that differ from the catalogue's defaults: at most one a key for the site, and one a key and course."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, CreatedAt, Key


class SettingValue(Base):
    """A value in the clear, or a secret encrypted; `version` counts its changes."""

    __tablename__ = "setting_value"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (encrypted IS NULL)", name="one_form"),
        CheckConstraint("encrypted IS NULL OR course_id IS NULL", name="secret_of_site"),
        Index("uq_setting_value_site", "key", unique=True, postgresql_where=text("course_id IS NULL")),
        Index(
            "uq_setting_value_course", "course_id", "key", unique=True, postgresql_where=text("course_id IS NOT NULL")
        ),
    )

    id: Mapped[Key]
    key: Mapped[str]
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    encrypted: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )
    created_at: Mapped[CreatedAt]


class Avatar(Base):
    """The tutor's picture, small and drawn anew from what was uploaded; the setting `botavatar` names it."""

    __tablename__ = "avatar"
    __table_args__ = (CheckConstraint("length(image) <= 204800", name="image"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    image: Mapped[bytes]
    created_at: Mapped[CreatedAt]
