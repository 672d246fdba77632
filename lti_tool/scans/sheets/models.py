"""Register numbers that teachers gave, what was printed for an exam, and each booklet of it (scans.md, Design).

A page code names a booklet and a page of it. A booklet keeps its run and its exam for ever: paper cannot be recalled.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.files.models import StoredFile
from lti_tool.scans.sheets.codes import MOST_PAGES, SERIAL_LENGTH
from lti_tool.scans.sheets.layout import MOST_DIGITS


class NumberSource(StrEnum):
    """Who said a register number; the platform's own number needs no row."""

    CSV = "csv"
    PERSON = "person"


class RunState(StrEnum):
    """Of a print run: its PDF is being drawn, is there, or could not be drawn."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"


class SheetKind(StrEnum):
    """A booklet for somebody or anybody, one kept in reserve, further paper, or a sticker for a booklet that exists."""

    BOOKLET = "booklet"
    SPARE = "spare"
    CONTINUATION = "continuation"
    LABEL = "label"


class RosterEntry(Base):
    """The register number that the teachers gave to somebody of the course; it counts before the platform's."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        CheckConstraint("btrim(register_number) <> ''", name="register_number"),
        CheckConstraint("source IN ('csv', 'person')", name="source"),
        Index("ix_roster_entry_course_id_register_number", "course_id", "register_number"),
    )

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    register_number: Mapped[str]
    source: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class PrintRun(Base):
    """One PDF that was made to be printed, for a room or a class; `digits` is how many boxes its covers have."""

    __tablename__ = "print_run"
    __table_args__ = (
        CheckConstraint("state IN ('failed', 'queued', 'ready')", name="state"),
        CheckConstraint("(state = 'ready') = (file_id IS NOT NULL)", name="ready_has_file"),
        CheckConstraint(f"digits BETWEEN 0 AND {MOST_DIGITS}", name="digits"),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    label: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="")
    digits: Mapped[int]
    has_names: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=RunState.QUEUED)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile | None] = relationship()
    by: Mapped[Person] = relationship()


class Booklet(Base):
    """One printed booklet, or one sticker; `person_id` is for whom it was printed, if for anybody."""

    __tablename__ = "booklet"
    __table_args__ = (
        CheckConstraint(f"serial ~ '^[A-Z2-7]{{{SERIAL_LENGTH}}}$'", name="serial"),
        CheckConstraint("kind IN ('booklet', 'continuation', 'label', 'spare')", name="kind"),
        CheckConstraint(f"pages BETWEEN 1 AND {MOST_PAGES}", name="pages"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("person_id IS NULL OR kind IN ('booklet', 'label')", name="prenamed"),
        UniqueConstraint("run_id", "position"),
    )

    serial: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("print_run.id"))
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    pages: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    run: Mapped[PrintRun] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(lazy="joined")
