"""A student's text before it is handed in, and a pile of work that a member of staff uploaded to look at first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, OpaqueKey
from lti_tool.files.models import StoredFile


class WorkDraft(Base):
    """The latest text, for its writer's eyes alone; gone when the work is handed in."""

    __tablename__ = "work_draft"

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    text: Mapped[str]
    saved_at: Mapped[datetime]


class WorkUpload(Base):
    """A ZIP or CSV; `taken_at` is set once its work became submissions."""

    __tablename__ = "work_upload"

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship(lazy="joined")
