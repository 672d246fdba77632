"""Piles of scanned papers, what people said about them, and what was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GUARDS = """
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
        ('received', 'bound'),
        ('received', 'unmatched'),
        ('unmatched', 'bound'),
        ('unmatched', 'discarded'),
        ('bound', 'discarded'),
        ('bound', 'released'),
        ('bound', 'superseded'),
        ('bound', 'unmatched'),
        ('released', 'confirmed'),
        ('released', 'disputed'),
        ('released', 'superseded'),
        ('released', 'unmatched'),
        ('confirmed', 'superseded'),
        ('confirmed', 'unmatched'),
        ('disputed', 'bound'),
        ('disputed', 'discarded'),
        ('disputed', 'released'),
        ('disputed', 'superseded'),
        ('disputed', 'unmatched')
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

UNGUARD = """
DROP TABLE discard, verification, paper, scan_batch;
DROP FUNCTION scans_check_paper();
DROP FUNCTION scans_refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "scan_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_batch_placement_id_placement")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_scan_batch_uploaded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_batch")),
    )
    op.create_index(op.f("ix_scan_batch_placement_id"), "scan_batch", ["placement_id"], unique=False)
    op.create_table(
        "paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("register_number", sa.String(), nullable=False),
        sa.Column("subject_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("superseded_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'superseded') = (superseded_by_id IS NOT NULL)", name=op.f("ck_paper_superseded_by")
        ),
        sa.CheckConstraint(
            "(state = 'unmatched') = (problem IS NOT NULL)", name=op.f("ck_paper_unmatched_has_problem")
        ),
        sa.CheckConstraint("basis IN ('filename', 'person')", name=op.f("ck_paper_basis")),
        sa.CheckConstraint(
            "problem IN ('not_on_roster', 'second_paper', 'several_people',"
            " 'taken_back', 'unknown_number', 'wrong_subject')",
            name=op.f("ck_paper_problem"),
        ),
        sa.CheckConstraint(
            "state IN ('bound', 'confirmed', 'discarded', 'disputed',"
            " 'received', 'released', 'superseded', 'unmatched')",
            name=op.f("ck_paper_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('bound', 'confirmed', 'disputed', 'released') OR person_id IS NOT NULL",
            name=op.f("ck_paper_live_has_person"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('received', 'unmatched') OR person_id IS NULL", name=op.f("ck_paper_unmatched_has_none")
        ),
        sa.CheckConstraint("binding >= 0", name=op.f("ck_paper_binding")),
        sa.CheckConstraint("pages > 0", name=op.f("ck_paper_pages")),
        sa.ForeignKeyConstraint(["batch_id"], ["scan_batch.id"], name=op.f("fk_paper_batch_id_scan_batch")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_paper_file_id_stored_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_person_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_paper_placement_id_placement")),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["paper.id"], name=op.f("fk_paper_superseded_by_id_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index(op.f("ix_paper_batch_id"), "paper", ["batch_id"], unique=False)
    op.create_index(op.f("ix_paper_person_id"), "paper", ["person_id"], unique=False)
    op.create_index(
        "uq_paper_file",
        "paper",
        ["placement_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state <> 'discarded'"),
    )
    op.create_index(
        "uq_paper_live",
        "paper",
        ["placement_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('bound', 'confirmed', 'disputed', 'released')"),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'problem') = (report IS NOT NULL)", name=op.f("ck_verification_problem_has_report")
        ),
        sa.CheckConstraint(
            "(kind IN ('complete', 'mine', 'problem')) = (by_id = person_id)", name=op.f("ck_verification_by")
        ),
        sa.CheckConstraint(
            "kind IN ('assigned', 'complete', 'matched', 'mine', 'problem', 'superseded', 'taken_back')",
            name=op.f("ck_verification_kind"),
        ),
        sa.CheckConstraint(
            "report IN ('not_mine', 'other', 'page_missing', 'unreadable')", name=op.f("ck_verification_report")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_verification_by_id_person")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_verification_paper_id_paper")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_verification_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_paper_id_signed_at", "verification", ["paper_id", "signed_at"], unique=False)
    op.create_index(
        "uq_verification_student",
        "verification",
        ["paper_id", "binding", "kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('complete', 'mine', 'problem')"),
    )
    op.create_table(
        "discard",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_discard_reason")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_discard_by_id_person")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_discard_paper_id_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discard")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_discard_paper_id")),
    )
    op.execute(GUARDS)


def downgrade() -> None:
    op.execute(UNGUARD)
