"""Tokens for Moodle's web services: at most one for a platform, and one a course that a teacher brought."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db import Base, CreatedAt, Key


class MoodleToken(Base):
    """A token, encrypted; the course's own is used before the platform's."""

    __tablename__ = "moodle_token"
    __table_args__ = (
        Index("uq_moodle_token_platform", "platform_id", unique=True, postgresql_where=text("course_id IS NULL")),
        Index("uq_moodle_token_course", "course_id", unique=True, postgresql_where=text("course_id IS NOT NULL")),
    )

    id: Mapped[Key]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    token_encrypted: Mapped[str]
    created_at: Mapped[CreatedAt]
