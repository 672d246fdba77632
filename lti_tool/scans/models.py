"""Piles of scans, papers, what people said about them, and what was set aside (scans.md, Design).

The tables refuse: a move that states.MOVES does not hold, two live papers of one student, a paper released without a
person's look at this very binding, a confirmation without the student's record, a discard without a reason, and any
change or deletion of what people said. `binding` counts how often a paper was given to somebody, so that nothing that
was said about an earlier student counts for a later one.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, MetaData, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.accounts.models import Person
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey
from lti_tool.files.models import StoredFile
from lti_tool.scans.states import BY_STUDENT, LIVE, MOVES, Basis, PaperState, Problem, Report, VerificationKind


def _among(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


class Batch(Base):
    """One uploaded pile."""

    __tablename__ = "scan_batch"

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class Paper(Base):
    """One student's exam as one file; `person_id` is whose it is, or seems to be."""

    __tablename__ = "paper"
    __table_args__ = (
        CheckConstraint(f"state IN {_among(PaperState)}", name="state"),
        CheckConstraint(f"state NOT IN {_among(LIVE)} OR person_id IS NOT NULL", name="live_has_person"),
        CheckConstraint("state NOT IN ('received', 'unmatched') OR person_id IS NULL", name="unmatched_has_none"),
        CheckConstraint("(state = 'unmatched') = (problem IS NOT NULL)", name="unmatched_has_problem"),
        CheckConstraint(f"problem IN {_among(Problem)}", name="problem"),
        CheckConstraint(f"basis IN {_among(Basis)}", name="basis"),
        CheckConstraint("(state = 'superseded') = (superseded_by_id IS NOT NULL)", name="superseded_by"),
        CheckConstraint("pages > 0", name="pages"),
        CheckConstraint("binding >= 0", name="binding"),
        Index(
            "uq_paper_live",
            "placement_id",
            "person_id",
            unique=True,
            postgresql_where=text(f"state IN {_among(LIVE)}"),
        ),
        Index(
            "uq_paper_file",
            "placement_id",
            "sha256",
            unique=True,
            postgresql_where=text("state <> 'discarded'"),
        ),
    )

    id: Mapped[OpaqueKey]
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("scan_batch.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str]
    pages: Mapped[int]
    register_number: Mapped[str]
    subject_code: Mapped[str]
    state: Mapped[str] = mapped_column(default=PaperState.RECEIVED)
    problem: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    basis: Mapped[str | None]
    binding: Mapped[int] = mapped_column(default=0)
    superseded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("paper.id"))
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(lazy="joined")


class Verification(Base):
    """What a person confirmed or corrected, with the hash of what they had before them; append-only."""

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

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    by: Mapped[Person] = relationship(foreign_keys=by_id)


class Discard(Base):
    """A paper set aside for a reason; append-only."""

    __tablename__ = "discard"
    __table_args__ = (CheckConstraint("btrim(reason) <> ''", name="reason"),)

    id: Mapped[Key]
    paper_id: Mapped[UUID] = mapped_column(ForeignKey("paper.id"), unique=True)
    reason: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]

    by: Mapped[Person] = relationship()


LAWFUL_MOVES = ",\n        ".join(f"('{state}', '{to}')" for state, targets in MOVES.items() for to in sorted(targets))

GUARDS = f"""
CREATE FUNCTION scans_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION scans_check_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'received' THEN
            RAISE EXCEPTION 'a paper begins as received';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.placement_id, NEW.file_id, NEW.sha256, NEW.pages)
        IS DISTINCT FROM (OLD.placement_id, OLD.file_id, OLD.sha256, OLD.pages) THEN
        RAISE EXCEPTION 'a paper keeps its file';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {LAWFUL_MOVES}
    ) THEN
        RAISE EXCEPTION 'a paper does not go from % to %', OLD.state, NEW.state;
    END IF;
    IF NEW.person_id IS DISTINCT FROM OLD.person_id AND NEW.person_id IS NOT NULL AND NEW.binding <= OLD.binding THEN
        RAISE EXCEPTION 'a paper given to somebody else is a new binding';
    END IF;
    IF NEW.state = 'released' THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind = 'matched';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is released only after a person has confirmed whose it is';
        END IF;
    END IF;
    IF NEW.state = 'confirmed' THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind = 'complete';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is confirmed by its student alone';
        END IF;
    END IF;
    IF NEW.state = 'discarded' THEN
        PERFORM 1 FROM discard WHERE paper_id = NEW.id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is discarded for a reason';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER paper_is_lawful BEFORE INSERT OR UPDATE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_check_paper();
CREATE TRIGGER paper_is_kept BEFORE DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER verification_append_only BEFORE UPDATE OR DELETE ON verification
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER verification_no_truncate BEFORE TRUNCATE ON verification
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER discard_append_only BEFORE UPDATE OR DELETE ON discard
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER discard_no_truncate BEFORE TRUNCATE ON discard
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();
"""


@event.listens_for(Base.metadata, "after_create")
def _guard(_: MetaData, connection: Connection, **options: object) -> None:
    """For schemas made from the models, as tests do; migration 0013 repeats this."""
    if connection.scalar(text("SELECT to_regproc('scans_check_paper')")) is None:
        connection.exec_driver_sql(GUARDS.replace("%", "%%"))
