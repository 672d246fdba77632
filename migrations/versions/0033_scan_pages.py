"""Papers are made of pages: files, pages, evidence, judgements, steps, uploads in parts and scanners' keys.

Every paper there is becomes the pages of its one file, drawn from that file as before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FORGET_CHECK = """
DROP TRIGGER paper_is_lawful ON paper;
DROP TRIGGER paper_is_kept ON paper;
DROP FUNCTION scans_check_paper();
"""

GUARDS = """
CREATE FUNCTION scans_check_paper() RETURNS trigger LANGUAGE plpgsql AS $$
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
        ('received', 'bound'),
        ('received', 'quarantined'),
        ('received', 'unmatched'),
        ('unmatched', 'bound'),
        ('unmatched', 'discarded'),
        ('unmatched', 'quarantined'),
        ('bound', 'discarded'),
        ('bound', 'quarantined'),
        ('bound', 'released'),
        ('bound', 'superseded'),
        ('bound', 'unmatched'),
        ('released', 'confirmed'),
        ('released', 'disputed'),
        ('released', 'quarantined'),
        ('released', 'superseded'),
        ('released', 'unmatched'),
        ('confirmed', 'quarantined'),
        ('confirmed', 'superseded'),
        ('confirmed', 'unmatched'),
        ('disputed', 'bound'),
        ('disputed', 'discarded'),
        ('disputed', 'quarantined'),
        ('disputed', 'released'),
        ('disputed', 'superseded'),
        ('disputed', 'unmatched'),
        ('quarantined', 'bound'),
        ('quarantined', 'discarded'),
        ('quarantined', 'unmatched'),
        ('superseded', 'unmatched'),
        ('discarded', 'unmatched')
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


CREATE FUNCTION scans_check_page() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF OLD.image_id IS NOT NULL AND (NEW.image_id, NEW.sha256) IS DISTINCT FROM (OLD.image_id, OLD.sha256) THEN
        RAISE EXCEPTION 'a page keeps its picture';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('received', 'damaged'),
        ('received', 'decoded'),
        ('received', 'discarded'),
        ('decoded', 'damaged'),
        ('decoded', 'discarded'),
        ('decoded', 'duplicate'),
        ('decoded', 'foreign'),
        ('decoded', 'identified'),
        ('decoded', 'unknown'),
        ('identified', 'discarded'),
        ('identified', 'duplicate'),
        ('identified', 'placed'),
        ('identified', 'unknown'),
        ('unknown', 'decoded'),
        ('unknown', 'discarded'),
        ('unknown', 'placed'),
        ('foreign', 'decoded'),
        ('foreign', 'discarded'),
        ('foreign', 'placed'),
        ('duplicate', 'decoded'),
        ('duplicate', 'discarded'),
        ('duplicate', 'placed'),
        ('damaged', 'decoded'),
        ('damaged', 'discarded'),
        ('damaged', 'placed'),
        ('placed', 'damaged'),
        ('placed', 'discarded'),
        ('placed', 'duplicate'),
        ('placed', 'foreign'),
        ('placed', 'unknown'),
        ('discarded', 'damaged'),
        ('discarded', 'duplicate'),
        ('discarded', 'foreign'),
        ('discarded', 'placed'),
        ('discarded', 'unknown')
    ) THEN
        RAISE EXCEPTION 'a page does not go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;


CREATE TRIGGER paper_is_lawful BEFORE INSERT OR UPDATE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_check_paper();
CREATE TRIGGER paper_is_kept BEFORE DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();


CREATE TRIGGER scan_page_is_lawful BEFORE INSERT OR UPDATE ON scan_page
    FOR EACH ROW EXECUTE FUNCTION scans_check_page();
CREATE TRIGGER scan_page_is_kept BEFORE DELETE ON scan_page
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER scan_file_is_kept BEFORE DELETE ON scan_file
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();


CREATE TRIGGER paper_judgement_append_only BEFORE UPDATE OR DELETE ON paper_judgement
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER paper_judgement_no_truncate BEFORE TRUNCATE ON paper_judgement
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();


CREATE TRIGGER scan_evidence_append_only BEFORE UPDATE OR DELETE ON scan_evidence
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER scan_evidence_no_truncate BEFORE TRUNCATE ON scan_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();
"""

FORMER_GUARDS = """
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
"""

FILL = """
UPDATE paper SET name = stored_file.name, strength = CASE WHEN paper.person_id IS NULL THEN NULL ELSE 'weak' END
  FROM stored_file WHERE stored_file.id = paper.file_id;
INSERT INTO scan_file (id, placement_id, batch_id, name, sha256, file_id, pages, state, reason, reason_words,
                       created_at)
SELECT id, placement_id, batch_id, name, sha256, file_id, pages,
       CASE state WHEN 'discarded' THEN 'set_aside' ELSE 'read' END, '', '{}', created_at FROM paper;
INSERT INTO scan_page (id, placement_id, sent_file_id, number, state, sha256, phash, rotation, reason, changed_by_id,
                       changed_at, created_at)
SELECT gen_random_uuid(), paper.placement_id, paper.id, number,
       CASE paper.state WHEN 'discarded' THEN 'discarded' ELSE 'placed' END, '', '', 0, coalesce(discard.reason, ''),
       discard.by_id, paper.changed_at, paper.created_at
  FROM paper CROSS JOIN LATERAL generate_series(1, paper.pages) AS number
  LEFT JOIN discard ON discard.paper_id = paper.id AND paper.state = 'discarded';
INSERT INTO paper_page (page_id, paper_id, position) SELECT id, sent_file_id, number FROM scan_page;
INSERT INTO paper_judgement (paper_id, binding, person_id, strength, facts, why)
SELECT id, binding, person_id, 'weak', jsonb_build_array(basis), '' FROM paper
 WHERE person_id IS NOT NULL AND basis IS NOT NULL;
INSERT INTO scan_evidence (paper_id, kind, claim, confidence, model_version, details, created_at)
SELECT id, 'filename', register_number, 1, 'file name', jsonb_build_object('subject', subject_code), created_at
  FROM paper;
"""

EMPTY = """
DELETE FROM verification WHERE paper_id IN (SELECT id FROM paper WHERE pages = 0);
DELETE FROM discard WHERE paper_id IN (SELECT id FROM paper WHERE pages = 0);
UPDATE paper SET superseded_by_id = NULL, state = 'discarded'
 WHERE superseded_by_id IN (SELECT id FROM paper WHERE pages = 0);
DELETE FROM paper WHERE pages = 0;
DELETE FROM verification WHERE kind = 'accepted';
UPDATE verification SET report = 'other' WHERE report = 'wrong_subject';
UPDATE paper SET state = 'unmatched', person_id = NULL, problem = 'taken_back' WHERE state = 'quarantined';
UPDATE paper SET problem = 'taken_back' WHERE problem IN ('contradiction', 'denied', 'no_claim', 'repeated');
UPDATE paper SET basis = 'person' WHERE basis IN ('reading', 'sheet');
UPDATE paper SET state = 'discarded', person_id = NULL, problem = NULL
 WHERE attempt > 1 OR EXISTS (SELECT FROM paper AS twin
   WHERE twin.placement_id = paper.placement_id AND twin.sha256 = paper.sha256 AND twin.id < paper.id);
UPDATE paper SET file_id = (SELECT scan_file.file_id FROM paper_page
   JOIN scan_page ON scan_page.id = paper_page.page_id JOIN scan_file ON scan_file.id = scan_page.sent_file_id
  WHERE paper_page.paper_id = paper.id ORDER BY paper_page.position LIMIT 1);
DELETE FROM discard WHERE id NOT IN (SELECT max(id) FROM discard GROUP BY paper_id);
"""

NEW_CHECKS = (
    "state",
    "nobodys_has_problem",
    "problem",
    "basis",
    "strength",
    "pages",
    "live_has_pages",
    "attempt",
)


def upgrade() -> None:
    _create_files()
    _create_pages()
    _create_doors()
    op.add_column("scan_batch", sa.Column("source", sa.String(), nullable=False, server_default="upload"))
    op.alter_column("scan_batch", "source", server_default=None)
    op.create_check_constraint(op.f("ck_scan_batch_source"), "scan_batch", "source IN ('command', 'scanner', 'upload')")
    op.execute(FORGET_CHECK)
    _widen_papers()
    op.execute(FILL)
    op.drop_column("paper", "file_id")
    op.execute(GUARDS)


def _widen_papers() -> None:
    for name in ("state", "unmatched_has_problem", "problem", "basis", "pages"):
        op.drop_constraint(op.f(f"ck_paper_{name}"), "paper", type_="check")
    for name in ("kind", "report"):
        op.drop_constraint(op.f(f"ck_verification_{name}"), "verification", type_="check")
    op.drop_index("uq_paper_file", "paper")
    op.drop_index("uq_paper_live", "paper")
    op.drop_constraint(op.f("uq_discard_paper_id"), "discard", type_="unique")
    op.create_index(op.f("ix_discard_paper_id"), "discard", ["paper_id"], unique=False)
    op.add_column("paper", sa.Column("name", sa.String(), nullable=False, server_default=""))
    op.add_column("paper", sa.Column("booklet", sa.String(), nullable=True))
    op.add_column("paper", sa.Column("missing", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("paper", sa.Column("attempt", sa.BigInteger(), nullable=False, server_default="1"))
    op.add_column("paper", sa.Column("strength", sa.String(), nullable=True))
    for name in ("name", "missing", "attempt"):
        op.alter_column("paper", name, server_default=None)
    op.create_check_constraint(
        op.f("ck_paper_state"),
        "paper",
        "state IN ('bound', 'confirmed', 'discarded', 'disputed', 'quarantined', 'received',"
        " 'released', 'superseded', 'unmatched')",
    )
    op.create_check_constraint(
        op.f("ck_paper_nobodys_has_problem"), "paper", "(state IN ('quarantined', 'unmatched')) = (problem IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_paper_problem"),
        "paper",
        "problem IN ('contradiction', 'denied', 'no_claim', 'not_on_roster', 'repeated', 'second_paper',"
        " 'several_people', 'taken_back', 'unknown_number', 'wrong_subject')",
    )
    op.create_check_constraint(op.f("ck_paper_basis"), "paper", "basis IN ('filename', 'person', 'reading', 'sheet')")
    op.create_check_constraint(op.f("ck_paper_strength"), "paper", "strength IN ('strong', 'weak')")
    op.create_check_constraint(op.f("ck_paper_pages"), "paper", "pages >= 0")
    op.create_check_constraint(
        op.f("ck_paper_live_has_pages"),
        "paper",
        "state NOT IN ('bound', 'confirmed', 'disputed', 'released') OR pages > 0",
    )
    op.create_check_constraint(op.f("ck_paper_attempt"), "paper", "attempt > 0")
    op.create_check_constraint(
        op.f("ck_verification_kind"),
        "verification",
        "kind IN ('accepted', 'assigned', 'complete', 'matched', 'mine', 'problem', 'superseded', 'taken_back')",
    )
    op.create_check_constraint(
        op.f("ck_verification_report"),
        "verification",
        "report IN ('not_mine', 'other', 'page_missing', 'unreadable', 'wrong_subject')",
    )
    op.create_index(
        "uq_paper_booklet",
        "paper",
        ["placement_id", "booklet"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('superseded', 'discarded')"),
    )
    op.create_index(
        "uq_paper_live",
        "paper",
        ["placement_id", "person_id", "attempt"],
        unique=True,
        postgresql_where=sa.text("state IN ('bound', 'confirmed', 'disputed', 'released')"),
    )


def _create_files() -> None:
    op.create_table(
        "scan_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_words", postgresql.JSONB(), nullable=False),
        sa.Column("same_as_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_scan_file_failed_has_reason")),
        sa.CheckConstraint(
            "state NOT IN ('received', 'read', 'set_aside') OR (file_id IS NOT NULL AND pages > 0)",
            name=op.f("ck_scan_file_kept"),
        ),
        sa.CheckConstraint(
            "(state = 'repeated') = (same_as_id IS NOT NULL)", name=op.f("ck_scan_file_repeated_same_as")
        ),
        sa.CheckConstraint(
            "state IN ('failed', 'read', 'received', 'repeated', 'set_aside', 'unpacked')",
            name=op.f("ck_scan_file_state"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["scan_batch.id"], name=op.f("fk_scan_file_batch_id_scan_batch")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_scan_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(["parent_id"], ["scan_file.id"], name=op.f("fk_scan_file_parent_id_scan_file")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_file_placement_id_placement")),
        sa.ForeignKeyConstraint(["same_as_id"], ["scan_file.id"], name=op.f("fk_scan_file_same_as_id_scan_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_file")),
    )
    op.create_index(op.f("ix_scan_file_batch_id"), "scan_file", ["batch_id"], unique=False)
    op.create_index(op.f("ix_scan_file_placement_id"), "scan_file", ["placement_id"], unique=False)
    op.create_index(
        "uq_scan_file_sha256",
        "scan_file",
        ["placement_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state IN ('received', 'read')"),
    )
    op.create_table(
        "scan_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("sent_file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("phash", sa.String(), nullable=False),
        sa.Column("rotation", sa.BigInteger(), nullable=False),
        sa.Column("ink", sa.BigInteger(), nullable=True),
        sa.Column("booklet", sa.String(), nullable=True),
        sa.Column("sheet_number", sa.BigInteger(), nullable=True),
        sa.Column("twin_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state <> 'discarded' OR (btrim(reason) <> '' AND changed_by_id IS NOT NULL)",
            name=op.f("ck_scan_page_discarded_by"),
        ),
        sa.CheckConstraint("state <> 'duplicate' OR twin_id IS NOT NULL", name=op.f("ck_scan_page_duplicate_of")),
        sa.CheckConstraint("(image_id IS NULL) = (sha256 = '')", name=op.f("ck_scan_page_image_has_hash")),
        sa.CheckConstraint("number > 0", name=op.f("ck_scan_page_number")),
        sa.CheckConstraint("rotation IN (0, 90, 180, 270)", name=op.f("ck_scan_page_rotation")),
        sa.CheckConstraint(
            "state IN ('damaged', 'decoded', 'discarded', 'duplicate', 'foreign', 'identified',"
            " 'placed', 'received', 'unknown')",
            name=op.f("ck_scan_page_state"),
        ),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_scan_page_changed_by_id_person")),
        sa.ForeignKeyConstraint(["image_id"], ["stored_file.id"], name=op.f("fk_scan_page_image_id_stored_file")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_page_placement_id_placement")),
        sa.ForeignKeyConstraint(["sent_file_id"], ["scan_file.id"], name=op.f("fk_scan_page_sent_file_id_scan_file")),
        sa.ForeignKeyConstraint(["twin_id"], ["scan_page.id"], name=op.f("fk_scan_page_twin_id_scan_page")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_page")),
        sa.UniqueConstraint("sent_file_id", "number", name=op.f("uq_scan_page_sent_file_id_number")),
    )
    op.create_index(op.f("ix_scan_page_placement_id_sha256"), "scan_page", ["placement_id", "sha256"], unique=False)
    op.create_index(
        "uq_scan_page_sheet",
        "scan_page",
        ["placement_id", "booklet", "sheet_number"],
        unique=True,
        postgresql_where=sa.text("state = 'placed'"),
    )


def _create_pages() -> None:
    op.create_table(
        "paper_page",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_paper_page_position")),
        sa.ForeignKeyConstraint(["page_id"], ["scan_page.id"], name=op.f("fk_paper_page_page_id_scan_page")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_page_paper_id_paper")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_paper_page")),
        sa.UniqueConstraint(
            "paper_id", "position", deferrable=True, initially="DEFERRED", name=op.f("uq_paper_page_paper_id_position")
        ),
    )
    op.create_table(
        "scan_evidence",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("paper_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('bubbles', 'digits', 'filename', 'page_code', 'person', 'printed', 'sheet')",
            name=op.f("ck_scan_evidence_kind"),
        ),
        sa.CheckConstraint("(page_id IS NULL) <> (paper_id IS NULL)", name=op.f("ck_scan_evidence_of_one")),
        sa.ForeignKeyConstraint(["page_id"], ["scan_page.id"], name=op.f("fk_scan_evidence_page_id_scan_page")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_scan_evidence_paper_id_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_evidence")),
    )
    op.create_index(op.f("ix_scan_evidence_page_id"), "scan_evidence", ["page_id"], unique=False)
    op.create_index(op.f("ix_scan_evidence_paper_id"), "scan_evidence", ["paper_id"], unique=False)
    op.create_table(
        "paper_judgement",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("binding", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("strength IN ('strong', 'weak')", name=op.f("ck_paper_judgement_strength")),
        sa.CheckConstraint(
            "strength = 'weak' OR jsonb_array_length(facts) >= 2", name=op.f("ck_paper_judgement_strong_has_two_facts")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_judgement_paper_id_paper")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paper_judgement_person_id_person")),
        sa.PrimaryKeyConstraint("paper_id", "binding", name=op.f("pk_paper_judgement")),
    )


def _create_doors() -> None:
    op.create_table(
        "scan_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_scan_step_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_step_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_step_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_step")),
    )
    op.create_index(op.f("ix_scan_step_placement_id"), "scan_step", ["placement_id"], unique=False)
    op.create_table(
        "scan_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("size > 0 AND received BETWEEN 0 AND size", name=op.f("ck_scan_upload_received")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_upload_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scan_upload_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_upload")),
    )
    op.create_index(
        "uq_scan_upload_open",
        "scan_upload",
        ["placement_id", "by_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "scanner_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(label) <> ''", name=op.f("ck_scanner_key_label")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_scanner_key_created_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_scanner_key_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scanner_key")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_scanner_key_secret_sha256")),
    )
    op.create_index(op.f("ix_scanner_key_placement_id"), "scanner_key", ["placement_id"], unique=False)
    op.create_table(
        "paper_reminder",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_paper_reminder_by_id_person")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_reminder_paper_id_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_reminder")),
    )
    op.create_index(op.f("ix_paper_reminder_paper_id"), "paper_reminder", ["paper_id"], unique=False)


def downgrade() -> None:
    op.execute(FORGET_CHECK)
    op.execute("ALTER TABLE verification DISABLE TRIGGER USER")
    op.execute("ALTER TABLE discard DISABLE TRIGGER USER")
    op.drop_index("uq_paper_live", "paper")
    op.drop_index("uq_paper_booklet", "paper")
    for name in NEW_CHECKS:
        op.drop_constraint(op.f(f"ck_paper_{name}"), "paper", type_="check")
    for name in ("kind", "report"):
        op.drop_constraint(op.f(f"ck_verification_{name}"), "verification", type_="check")
    op.add_column("paper", sa.Column("file_id", sa.Uuid(), nullable=True))
    for name in ("scanner_key", "scan_upload", "scan_step", "paper_reminder", "scan_evidence", "paper_judgement"):
        op.drop_table(name)
    op.execute(EMPTY)
    for name in ("paper_page", "scan_page", "scan_file"):
        op.drop_table(name)
    op.execute("DROP FUNCTION scans_check_page()")
    _narrow_papers()
    op.drop_column("scan_batch", "source")
    op.execute("ALTER TABLE verification ENABLE TRIGGER USER")
    op.execute("ALTER TABLE discard ENABLE TRIGGER USER")
    op.execute(FORMER_GUARDS)


def _narrow_papers() -> None:
    op.alter_column("paper", "file_id", nullable=False)
    op.create_foreign_key(op.f("fk_paper_file_id_stored_file"), "paper", "stored_file", ["file_id"], ["id"])
    for name in ("strength", "attempt", "missing", "booklet", "name"):
        op.drop_column("paper", name)
    op.drop_index(op.f("ix_discard_paper_id"), "discard")
    op.create_unique_constraint(op.f("uq_discard_paper_id"), "discard", ["paper_id"])
    op.create_check_constraint(
        op.f("ck_paper_state"),
        "paper",
        "state IN ('bound', 'confirmed', 'discarded', 'disputed', 'received', 'released', 'superseded', 'unmatched')",
    )
    op.create_check_constraint(
        op.f("ck_paper_unmatched_has_problem"),
        "paper",
        "(state = 'unmatched') = (problem IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_paper_problem"),
        "paper",
        "problem IN ('not_on_roster', 'repeated', 'second_paper', 'several_people',"
        " 'taken_back', 'unknown_number', 'wrong_subject')",
    )
    op.create_check_constraint(
        op.f("ck_paper_basis"),
        "paper",
        "basis IN ('filename', 'person')",
    )
    op.create_check_constraint(
        op.f("ck_paper_pages"),
        "paper",
        "pages > 0",
    )
    op.create_check_constraint(
        op.f("ck_verification_kind"),
        "verification",
        "kind IN ('assigned', 'complete', 'matched', 'mine', 'problem', 'superseded', 'taken_back')",
    )
    op.create_check_constraint(
        op.f("ck_verification_report"),
        "verification",
        "report IN ('not_mine', 'other', 'page_missing', 'unreadable')",
    )
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
