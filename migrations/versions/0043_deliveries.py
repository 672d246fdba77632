"""Papers on their way to an assignment of Moodle, and the keys that students lend for it."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

GUARDS = """
CREATE FUNCTION scans_check_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.target_id, NEW.paper_id, NEW.person_id, NEW.kind, NEW.approval_id)
        IS DISTINCT FROM (OLD.id, OLD.key, OLD.target_id, OLD.paper_id, OLD.person_id, OLD.kind, OLD.approval_id) THEN
        RAISE EXCEPTION 'a delivery keeps what it is of';
    END IF;
    IF OLD.sha256 <> '' AND NEW.sha256 <> OLD.sha256 THEN
        RAISE EXCEPTION 'a delivery keeps its file';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('queued', 'blocked'),
        ('queued', 'running'),
        ('queued', 'withdrawn'),
        ('running', 'blocked'),
        ('running', 'confirmed'),
        ('running', 'conflict'),
        ('running', 'retry'),
        ('running', 'withdrawn'),
        ('retry', 'blocked'),
        ('retry', 'queued'),
        ('retry', 'running'),
        ('retry', 'settled'),
        ('retry', 'withdrawn'),
        ('blocked', 'queued'),
        ('blocked', 'settled'),
        ('blocked', 'withdrawn'),
        ('conflict', 'queued'),
        ('conflict', 'settled'),
        ('conflict', 'withdrawn'),
        ('confirmed', 'conflict'),
        ('settled', 'conflict'),
        ('settled', 'queued'),
        ('withdrawn', 'blocked'),
        ('withdrawn', 'queued')
    ) THEN
        RAISE EXCEPTION 'a delivery does not go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION scans_refuse_delivery_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER delivery_is_lawful BEFORE UPDATE ON delivery
    FOR EACH ROW EXECUTE FUNCTION scans_check_delivery();
CREATE TRIGGER delivery_is_kept BEFORE DELETE ON delivery
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_delivery_change();
CREATE TRIGGER delivery_step_append_only BEFORE UPDATE OR DELETE ON delivery_step
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_delivery_change();
CREATE TRIGGER delivery_step_no_truncate BEFORE TRUNCATE ON delivery_step
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_delivery_change();
"""


def upgrade() -> None:
    _delivery_target()
    _delivery()
    _delivery_step()
    _lent_key()
    op.execute(GUARDS)


def downgrade() -> None:
    op.drop_table("lent_key")
    op.drop_table("delivery_step")
    op.drop_table("delivery")
    op.drop_table("delivery_target")
    op.execute("DROP FUNCTION scans_check_delivery()")
    op.execute("DROP FUNCTION scans_refuse_delivery_change()")


def _delivery_target() -> None:
    op.create_table(
        "delivery_target",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("module", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("takes_grades", sa.Boolean(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("chosen_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode IN ('feedback', 'hand_in')", name=op.f("ck_delivery_target_mode")),
        sa.ForeignKeyConstraint(["chosen_by_id"], ["person.id"], name=op.f("fk_delivery_target_chosen_by_id_person")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_delivery_target_course_id_course")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_delivery_target_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_target")),
    )
    op.create_index(op.f("ix_delivery_target_placement_id"), "delivery_target", ["placement_id"])
    op.create_index(
        op.f("uq_delivery_target_active"),
        "delivery_target",
        ["placement_id"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("binding", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("approval_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.BigInteger(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_attempt", sa.BigInteger(), nullable=True),
        sa.Column("remote_changed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (confirmed_at IS NOT NULL AND sha256 <> '')", name=op.f("ck_delivery_confirmed")
        ),
        sa.CheckConstraint("key ~ '^[0-9a-f]{64}$'", name=op.f("ck_delivery_key")),
        sa.CheckConstraint("kind IN ('marked', 'scan', 'work')", name=op.f("ck_delivery_kind")),
        sa.CheckConstraint(
            "(state = 'running') = (lease IS NOT NULL AND leased_until IS NOT NULL)", name=op.f("ck_delivery_lease")
        ),
        sa.CheckConstraint(
            "(kind = 'marked') = (approval_id IS NOT NULL)", name=op.f("ck_delivery_marked_has_approval")
        ),
        sa.CheckConstraint(
            "state NOT IN ('blocked', 'conflict', 'retry') OR reason <> ''", name=op.f("ck_delivery_reason")
        ),
        sa.CheckConstraint("(state = 'settled') = (settled_by_id IS NOT NULL)", name=op.f("ck_delivery_settled_by")),
        sa.CheckConstraint(
            "state IN ('blocked', 'confirmed', 'conflict', 'queued', 'retry', 'running', 'settled', 'withdrawn')",
            name=op.f("ck_delivery_state"),
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_delivery_tries")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_delivery_approval_id_approval")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_delivery_file_id_stored_file"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_delivery_paper_id_paper")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delivery_person_id_person")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_delivery_settled_by_id_person")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["delivery_target.id"], name=op.f("fk_delivery_target_id_delivery_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.create_index(
        op.f("ix_delivery_due"), "delivery", ["next_try_at"], postgresql_where=sa.text("state IN ('queued', 'retry')")
    )
    op.create_index(op.f("ix_delivery_file_id"), "delivery", ["file_id"])
    op.create_index(op.f("ix_delivery_paper_id"), "delivery", ["paper_id"])
    op.create_index(op.f("ix_delivery_person_id"), "delivery", ["person_id"])
    op.create_index(
        op.f("uq_delivery_running"),
        "delivery",
        ["target_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )


def _delivery_step() -> None:
    op.create_table(
        "delivery_step",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('claimed', 'compared', 'ended', 'handed_in', 'looked', 'queued', 'read_back', 'saved', 'settled',"
            " 'uploaded')",
            name=op.f("ck_delivery_step_kind"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_delivery_step_by_id_person")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_step_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_step")),
    )
    op.create_index(op.f("ix_delivery_step_delivery_id"), "delivery_step", ["delivery_id"])


def _lent_key() -> None:
    op.create_table(
        "lent_key",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key_encrypted", sa.String(), nullable=False),
        sa.Column("accepts_statement", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at <= created_at + interval '24 hours'", name=op.f("ck_lent_key_a_day_at_most")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lent_key_person_id_person")),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["delivery_target.id"],
            name=op.f("fk_lent_key_target_id_delivery_target"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lent_key")),
        sa.UniqueConstraint("target_id", "person_id", name=op.f("uq_lent_key_target_id_person_id")),
    )
    op.create_index(op.f("ix_lent_key_expires_at"), "lent_key", ["expires_at"])
    op.create_index(op.f("ix_lent_key_person_id"), "lent_key", ["person_id"])
