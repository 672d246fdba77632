"""A file that goes with a question: a picture without its metadata, or a document with the text it held.

It is uploaded first and belongs to no turn until the question is sent; what is never sent goes at night. The file's row
goes with the last attachment that names it, whoever deletes the turn: a trigger sees to it.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.db import Base, CreatedAt, OpaqueKey, guard
from lti_tool.files.models import StoredFile


class AttachmentKind(StrEnum):
    IMAGE = "image"
    DOCUMENT = "document"


class TurnAttachment(Base):
    """One file of one person; asked again, a question takes a row of its own for the same file along."""

    __tablename__ = "turn_attachment"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'document')", name="kind"),
        CheckConstraint("(kind = 'document') = (text <> '')", name="document_has_text"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship(lazy="joined")


DROP_FILE = """
CREATE FUNCTION drop_file_of_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stored_file WHERE id = OLD.file_id
        AND NOT EXISTS (SELECT FROM turn_attachment WHERE file_id = OLD.file_id);
    RETURN NULL;
END $$
"""
WHEN_DELETED = """
CREATE TRIGGER drop_file AFTER DELETE ON turn_attachment FOR EACH ROW EXECUTE FUNCTION drop_file_of_attachment()
"""
RULES = (DROP_FILE, WHEN_DELETED)

guard(";\n".join(RULES), probe="drop_file_of_attachment")
