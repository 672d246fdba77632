"""Piles of scans, their files, the papers made of them, what people said about them, and what was set aside.

The tables refuse: a move that states.MOVES does not hold, two live papers of one student, a release that
neither a person's look nor two agreeing facts bear (of this very binding), a confirmation without the record of its
student or of who accepted on their behalf, a discard without a reason, pages that change under somebody's eyes, and
any change or deletion of what people said. `binding` counts how often a paper was given to somebody, so that nothing
that was said about an earlier student counts for a later one. Pages and evidence: pages/models.py.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey, guard
from lti_tool.files.models import StoredFile
from lti_tool.scans.guards import GUARDS
from lti_tool.scans.states import (
    BY_STUDENT,
    LIVE,
    NOBODYS,
    Basis,
    FileState,
    PaperState,
    Problem,
    Report,
    Source,
    Strength,
    VerificationKind,
)


def _among(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


class Batch(Base):
    """One pile, however it came in."""

    __tablename__ = "scan_batch"
    __table_args__ = (CheckConstraint(f"source IN {_among(Source)}", name="source"),)

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(default=Source.UPLOAD)
    created_at: Mapped[CreatedAt]


class SentFile(Base):
    """One file of a pile; its bytes are kept unchanged, and every page names it. A refused one has a reason alone."""

    __tablename__ = "scan_file"
    __table_args__ = (
        CheckConstraint(f"state IN {_among(FileState)}", name="state"),
        CheckConstraint("(state = 'failed') = (reason <> '')", name="failed_has_reason"),
        CheckConstraint("(state = 'repeated') = (same_as_id IS NOT NULL)", name="repeated_same_as"),
        CheckConstraint(
            "state NOT IN ('received', 'read', 'set_aside') OR (file_id IS NOT NULL AND pages > 0)", name="kept"
        ),
        CheckConstraint("state <> 'purged' OR file_id IS NULL", name="purged_has_none"),
        Index(
            "uq_scan_file_sha256",
            "placement_id",
            "sha256",
            unique=True,
            postgresql_where=text("state IN ('received', 'read')"),
        ),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("scan_batch.id"), index=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("scan_file.id"))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    pages: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=FileState.RECEIVED)
    reason: Mapped[str] = mapped_column(default="")
    same_as_id: Mapped[UUID | None] = mapped_column(ForeignKey("scan_file.id"))
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile | None] = relationship(lazy="joined")
    same_as: Mapped["SentFile | None"] = relationship(remote_side="SentFile.id", foreign_keys=same_as_id)


class Paper(Base):
    """One student's exam, made of pages; `person_id` is whose it is, or seems to be.

    `sha256` is the fingerprint of its pages in their order (pages/fingerprints.py), and what people sign.
    """

    __tablename__ = "paper"
    __table_args__ = (
        CheckConstraint(f"state IN {_among(PaperState)}", name="state"),
        CheckConstraint(f"state NOT IN {_among(LIVE)} OR person_id IS NOT NULL", name="live_has_person"),
        CheckConstraint("state NOT IN ('received', 'unmatched') OR person_id IS NULL", name="unmatched_has_none"),
        CheckConstraint(f"(state IN {_among(NOBODYS)}) = (problem IS NOT NULL)", name="nobodys_has_problem"),
        CheckConstraint(f"problem IN {_among(Problem)}", name="problem"),
        CheckConstraint(f"basis IN {_among(Basis)}", name="basis"),
        CheckConstraint(f"strength IN {_among(Strength)}", name="strength"),
        CheckConstraint("(state = 'superseded') = (superseded_by_id IS NOT NULL)", name="superseded_by"),
        CheckConstraint("pages >= 0", name="pages"),
        CheckConstraint(f"state NOT IN {_among(LIVE)} OR pages > 0", name="live_has_pages"),
        CheckConstraint("binding >= 0", name="binding"),
        Index(
            "uq_paper_live",
            "placement_id",
            "person_id",
            unique=True,
            postgresql_where=text(f"state IN {_among(LIVE)}"),
        ),
        Index(
            "uq_paper_booklet",
            "placement_id",
            "booklet",
            unique=True,
            postgresql_where=text("state NOT IN ('superseded', 'discarded', 'purged')"),
        ),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("scan_batch.id"), index=True)
    name: Mapped[str]
    booklet: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(default="")
    pages: Mapped[int] = mapped_column(default=0)
    missing: Mapped[list[Any]] = mapped_column(default=list)
    register_number: Mapped[str] = mapped_column(default="")
    subject_code: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=PaperState.RECEIVED)
    problem: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    basis: Mapped[str | None]
    strength: Mapped[str | None]
    binding: Mapped[int] = mapped_column(default=0)
    superseded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person | None] = relationship(lazy="joined")


class Judgement(Base):
    """On which facts a paper was given to somebody, by the machine or by a person; append-only.

    Two facts of different kinds make it strong: the table refuses to call anything else so.
    """

    __tablename__ = "paper_judgement"
    __table_args__ = (
        CheckConstraint(f"strength IN {_among(Strength)}", name="strength"),
        CheckConstraint("strength = 'weak' OR jsonb_array_length(facts) >= 2", name="strong_has_two_facts"),
    )

    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), primary_key=True)
    binding: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    strength: Mapped[str]
    facts: Mapped[list[str]]
    why: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]


class Verification(Base):
    """What a person confirmed or corrected, with the hash of what they had before them; append-only.

    `is_erased` tells that its words went with the person who said them: its signature speaks of what is gone.
    """

    __tablename__ = "verification"
    __table_args__ = (
        CheckConstraint(f"kind IN {_among(VerificationKind)}", name="kind"),
        CheckConstraint(f"(kind IN {_among(BY_STUDENT)}) = (by_id = person_id)", name="by"),
        CheckConstraint(f"report IN {_among(Report)}", name="report"),
        CheckConstraint("(kind = 'problem') = (report IS NOT NULL)", name="problem_has_report"),
        Index("ix_verification_paper_id_signed_at", "paper_id", "signed_at"),
        Index(
            "uq_verification_student",
            "paper_id",
            "binding",
            "kind",
            unique=True,
            postgresql_where=text(f"kind IN {_among(BY_STUDENT)}"),
        ),
    )

    id: Mapped[OpaqueKey]
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"))
    binding: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    report: Mapped[str | None]
    message: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    pages: Mapped[int]
    signed_at: Mapped[datetime]
    signature: Mapped[str]
    is_erased: Mapped[bool] = mapped_column(server_default=false())

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    by: Mapped[Person] = relationship(foreign_keys=by_id)


class Discard(Base):
    """A paper set aside for a reason; append-only."""

    __tablename__ = "discard"
    __table_args__ = (CheckConstraint("btrim(reason) <> ''", name="reason"),)

    id: Mapped[Key]
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), index=True)
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    by: Mapped[Person] = relationship()


class Reminder(Base):
    """Staff asked a student once more to look at the paper; shown to that student."""

    __tablename__ = "paper_reminder"

    id: Mapped[Key]
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), index=True)
    binding: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


guard(GUARDS, probe="scans_check_paper")
