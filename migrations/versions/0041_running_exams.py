"""Exports, answers to reports and the deletion of scans; a second sitting is an exam of its own, not an attempt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

PAPER_MOVES = {
    "received": "bound quarantined unmatched",
    "unmatched": "bound discarded quarantined",
    "bound": "discarded quarantined released superseded unmatched",
    "released": "confirmed disputed quarantined superseded unmatched",
    "confirmed": "quarantined superseded unmatched",
    "disputed": "bound discarded quarantined released superseded unmatched",
    "quarantined": "bound discarded unmatched",
    "superseded": "unmatched",
    "discarded": "unmatched",
}
PAGE_MOVES = {
    "received": "damaged decoded discarded",
    "decoded": "damaged discarded duplicate foreign identified unknown",
    "identified": "discarded duplicate placed unknown",
    "unknown": "decoded discarded placed",
    "foreign": "decoded discarded placed",
    "duplicate": "decoded discarded placed",
    "damaged": "decoded discarded placed",
    "placed": "damaged discarded duplicate foreign unknown",
    "discarded": "damaged duplicate foreign placed unknown",
}

CHECK_PAPER = """
CREATE OR REPLACE FUNCTION scans_check_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'received' THEN
            RAISE EXCEPTION 'a paper begins as received';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.placement_id <> OLD.placement_id THEN
        RAISE EXCEPTION 'a paper keeps its exam';
    END IF;
    IF (NEW.sha256, NEW.pages) IS DISTINCT FROM (OLD.sha256, OLD.pages)
        AND OLD.state NOT IN ('bound', 'quarantined', 'received', 'unmatched') THEN
        RAISE EXCEPTION 'a paper that was shown keeps its pages';
    END IF;
    IF (NEW.sha256, NEW.pages) IS DISTINCT FROM (OLD.sha256, OLD.pages)
        AND NEW.person_id IS NOT NULL AND NEW.binding <= OLD.binding THEN
        RAISE EXCEPTION 'a paper with other pages is a new binding';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {moves}
    ) THEN
        RAISE EXCEPTION 'a paper does not go from % to %', OLD.state, NEW.state;
    END IF;
    IF NEW.person_id IS DISTINCT FROM OLD.person_id AND NEW.person_id IS NOT NULL AND NEW.binding <= OLD.binding THEN
        RAISE EXCEPTION 'a paper given to somebody else is a new binding';
    END IF;
    IF NEW.state = 'released' AND OLD.state <> 'released' OR NEW.state = 'released' AND NEW.binding <> OLD.binding THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind = 'matched';
        IF NOT FOUND THEN
            PERFORM 1 FROM paper_judgement WHERE paper_id = NEW.id AND binding = NEW.binding
                AND person_id = NEW.person_id AND strength = 'strong';
            IF NOT FOUND OR NEW.missing <> '[]'::jsonb OR OLD.state <> 'bound' THEN
                RAISE EXCEPTION 'a paper is released only after a person has confirmed whose it is, or on two facts';
            END IF;
        END IF;
    END IF;
    IF NEW.state = 'confirmed' THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind IN ('complete', 'accepted');
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is confirmed by its student alone, or accepted on their behalf';
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
"""

CHECK_PAGE = """
CREATE OR REPLACE FUNCTION scans_check_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'received' THEN
            RAISE EXCEPTION 'a page begins as received';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.placement_id, NEW.sent_file_id, NEW.number) IS DISTINCT FROM
        (OLD.placement_id, OLD.sent_file_id, OLD.number) THEN
        RAISE EXCEPTION 'a page keeps its original';
    END IF;
    IF OLD.image_id IS NOT NULL AND (NEW.image_id, NEW.sha256) IS DISTINCT FROM (OLD.image_id, OLD.sha256){unless} THEN
        RAISE EXCEPTION 'a page keeps its picture';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {moves}
    ) THEN
        RAISE EXCEPTION 'a page does not go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;
"""
UNLESS = """
        AND NOT (NEW.state = 'purged' AND NEW.image_id IS NULL AND NEW.sha256 = OLD.sha256)"""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION scans_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN{unless}
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
WHILE_ERASING = """
    -- A person is erased by emptying what speaks of them; the row stays.
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;"""

ANSWER_GUARDS = """
CREATE TRIGGER report_answer_append_only BEFORE UPDATE OR DELETE ON report_answer
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER report_answer_no_truncate BEFORE TRUNCATE ON report_answer
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();
"""

FORGET_PURGED = """
ALTER TABLE paper DISABLE TRIGGER USER;
ALTER TABLE scan_page DISABLE TRIGGER USER;
UPDATE paper SET state = 'discarded' WHERE state = 'purged';
UPDATE scan_page SET state = 'damaged', sha256 = '' WHERE state = 'purged';
UPDATE scan_file SET state = 'failed', reason = 'The file was deleted.' WHERE state = 'purged';
ALTER TABLE paper ENABLE TRIGGER USER;
ALTER TABLE scan_page ENABLE TRIGGER USER;
"""

PAPER_STATES = (
    "state IN ('bound', 'confirmed', 'discarded', 'disputed',{} 'quarantined', 'received',"
    " 'released', 'superseded', 'unmatched')"
)
PAGE_STATES = (
    "state IN ('damaged', 'decoded', 'discarded', 'duplicate', 'foreign', 'identified', 'placed',{}"
    " 'received', 'unknown')"
)
FILE_STATES = "state IN ('failed',{} 'read', 'received', 'repeated', 'set_aside', 'unpacked')"
PURGED = " 'purged',"


def upgrade() -> None:
    _create_tables()
    op.drop_index("uq_paper_live", "paper")
    op.drop_constraint(op.f("ck_paper_attempt"), "paper")
    op.drop_column("paper", "attempt")
    op.create_index(
        "uq_paper_live",
        "paper",
        ["placement_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('bound', 'confirmed', 'disputed', 'released')"),
    )
    _set_booklet_index("'superseded', 'discarded', 'purged'")
    _set_states(PURGED, "state = 'purged' OR (image_id IS NULL) = (sha256 = '')")
    op.create_check_constraint(
        op.f("ck_scan_page_purged_has_none"), "scan_page", "state <> 'purged' OR image_id IS NULL"
    )
    op.create_check_constraint(
        op.f("ck_scan_file_purged_has_none"), "scan_file", "state <> 'purged' OR file_id IS NULL"
    )
    op.add_column("verification", sa.Column("is_erased", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(CHECK_PAPER.format(moves=_moves(PAPER_MOVES, " purged")))
    op.execute(CHECK_PAGE.format(moves=_moves(PAGE_MOVES, " purged"), unless=UNLESS))
    op.execute(REFUSE_CHANGE.format(unless=WHILE_ERASING))
    op.execute(ANSWER_GUARDS)


def downgrade() -> None:
    op.execute(REFUSE_CHANGE.format(unless=""))
    op.execute(CHECK_PAGE.format(moves=_moves(PAGE_MOVES), unless=""))
    op.execute(CHECK_PAPER.format(moves=_moves(PAPER_MOVES)))
    op.drop_column("person", "erased_at")
    op.drop_column("verification", "is_erased")
    op.execute(FORGET_PURGED)
    op.drop_constraint(op.f("ck_scan_file_purged_has_none"), "scan_file")
    op.drop_constraint(op.f("ck_scan_page_purged_has_none"), "scan_page")
    _set_states("", "(image_id IS NULL) = (sha256 = '')")
    _set_booklet_index("'superseded', 'discarded'")
    op.drop_index("uq_paper_live", "paper")
    op.add_column("paper", sa.Column("attempt", sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column("paper", "attempt", server_default=None)
    op.create_check_constraint(op.f("ck_paper_attempt"), "paper", "attempt > 0")
    op.create_index(
        "uq_paper_live",
        "paper",
        ["placement_id", "person_id", "attempt"],
        unique=True,
        postgresql_where=sa.text("state IN ('bound', 'confirmed', 'disputed', 'released')"),
    )
    for table in ("scan_purge", "report_answer", "scan_export"):
        op.drop_table(table)


def _moves(table: dict[str, str], also: str = "") -> str:
    return ",\n        ".join(
        f"('{state}', '{to}')" for state, targets in table.items() for to in sorted((targets + also).split())
    )


def _set_booklet_index(ended: str) -> None:
    op.drop_index("uq_paper_booklet", "paper")
    op.create_index(
        "uq_paper_booklet",
        "paper",
        ["placement_id", "booklet"],
        unique=True,
        postgresql_where=sa.text(f"state NOT IN ({ended})"),
    )


def _set_states(purged: str, image_has_hash: str) -> None:
    for table, states in (("paper", PAPER_STATES), ("scan_page", PAGE_STATES), ("scan_file", FILE_STATES)):
        op.drop_constraint(op.f(f"ck_{table}_state"), table)
        op.create_check_constraint(op.f(f"ck_{table}_state"), table, states.format(purged))
    op.drop_constraint(op.f("ck_scan_page_image_has_hash"), "scan_page")
    op.create_check_constraint(op.f("ck_scan_page_image_has_hash"), "scan_page", image_has_hash)


def _create_tables() -> None:
    op.create_table(
        "scan_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("is_for_moodle", sa.Boolean(), nullable=False),
        sa.Column("module", sa.BigInteger(), nullable=True),
        sa.Column("numbers", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("papers", sa.BigInteger(), nullable=False),
        sa.Column("unnamed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("papers >= 0 AND unnamed >= 0", name=op.f("ck_scan_export_counts")),
        sa.CheckConstraint(
            "state <> 'ready' OR file_id IS NOT NULL OR papers = 0", name=op.f("ck_scan_export_ready_has_file")
        ),
        sa.CheckConstraint("state IN ('failed', 'ready', 'todo')", name=op.f("ck_scan_export_state")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_export_by_id_person")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_scan_export_file_id_stored_file")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_export_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_export")),
    )
    op.create_index(op.f("ix_scan_export_placement_id"), "scan_export", ["placement_id"], unique=False)
    op.create_table(
        "report_answer",
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(words) <> ''", name=op.f("ck_report_answer_words")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_report_answer_by_id_person")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_report_answer_verification_id_verification")
        ),
        sa.PrimaryKeyConstraint("verification_id", name=op.f("pk_report_answer")),
    )
    op.create_table(
        "scan_purge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("papers", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("NOT is_forced OR btrim(reason) <> ''", name=op.f("ck_scan_purge_forced_has_reason")),
        sa.CheckConstraint("papers >= 0 AND pages >= 0 AND files >= 0", name=op.f("ck_scan_purge_counts")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_purge_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_purge_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_purge")),
    )
    op.create_index("ix_scan_purge_placement_id", "scan_purge", ["placement_id"], unique=False)
    op.create_index(
        "uq_scan_purge_open",
        "scan_purge",
        ["placement_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
