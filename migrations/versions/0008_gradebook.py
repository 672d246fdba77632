"""Grades, approvals and pushes, with the triggers that keep the history and refuse what nobody approved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDS = """
CREATE FUNCTION gradebook_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION gradebook_check_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM grade WHERE id = NEW.grade_id AND version = NEW.grade_version
        AND points = NEW.points AND maximum = NEW.maximum AND comment = NEW.comment;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an approval must be of the grade as it stands';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION gradebook_check_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.grade_id <> OLD.grade_id THEN
        PERFORM 1 FROM grade JOIN resource_link ON resource_link.placement_id = grade.placement_id
            WHERE grade.id = NEW.grade_id AND resource_link.id = NEW.resource_link_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a push must go to the column of its own placement';
        END IF;
    ELSIF NEW.grade_version < OLD.grade_version THEN
        RAISE EXCEPTION 'a push never goes back to an earlier approval';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.last_timestamp < OLD.last_timestamp THEN
        RAISE EXCEPTION 'the timestamps of a push only grow';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approval_matches_grade BEFORE INSERT ON approval
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_approval();
CREATE TRIGGER approval_append_only BEFORE UPDATE OR DELETE ON approval
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER approval_no_truncate BEFORE TRUNCATE ON approval
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_attempt_append_only BEFORE UPDATE OR DELETE ON push_attempt
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_attempt_no_truncate BEFORE TRUNCATE ON push_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_is_lawful BEFORE INSERT OR UPDATE ON push
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_push();
"""


def upgrade() -> None:
    op.create_table(
        "grade",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("maximum", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= maximum AND maximum > 0", name=op.f("ck_grade_points")),
        sa.CheckConstraint("recorded_by_id <> person_id", name=op.f("ck_grade_not_own")),
        sa.CheckConstraint("version > 0", name=op.f("ck_grade_version")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grade_person_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_grade_placement_id_placement")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_grade_recorded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint("id", "person_id", name=op.f("uq_grade_id_person_id")),
        sa.UniqueConstraint("placement_id", "person_id", name=op.f("uq_grade_placement_id_person_id")),
    )
    op.create_index(op.f("ix_grade_person_id"), "grade", ["person_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("grade_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_version", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("maximum", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved_by_id <> person_id", name=op.f("ck_approval_not_own")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_approval_approved_by_id_person")),
        sa.ForeignKeyConstraint(
            ["grade_id", "person_id"],
            ["grade.id", "grade.person_id"],
            name=op.f("fk_approval_grade_id_person_id_grade"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("grade_id", "grade_version", name=op.f("uq_approval_grade_id_grade_version")),
    )
    op.create_table(
        "push",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("resource_link_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("conflicts", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_uncertain", sa.Boolean(), nullable=False),
        sa.Column("last_timestamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_code", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sent_version", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_result_due", sa.Boolean(), nullable=False),
        sa.Column("result_score", sa.Numeric(precision=9, scale=3), nullable=True),
        sa.Column("result_maximum", sa.Numeric(precision=9, scale=3), nullable=True),
        sa.Column("result_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'doing') = (lease IS NOT NULL AND leased_until IS NOT NULL)", name=op.f("ck_push_lease")
        ),
        sa.CheckConstraint(
            "status IN ('todo', 'doing', 'succeeded', 'failed', 'overridden')", name=op.f("ck_push_status")
        ),
        sa.CheckConstraint(
            "status NOT IN ('succeeded', 'overridden') OR (sent_version = grade_version AND sent_at IS NOT NULL)",
            name=op.f("ck_push_sent"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_push_attempts")),
        sa.ForeignKeyConstraint(
            ["grade_id", "grade_version"], ["approval.grade_id", "approval.grade_version"], name="fk_push_approval"
        ),
        sa.ForeignKeyConstraint(
            ["grade_id", "person_id"], ["grade.id", "grade.person_id"], name=op.f("fk_push_grade_id_person_id_grade")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_push_person_id_person")),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_push_resource_link_id_resource_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push")),
        sa.UniqueConstraint("resource_link_id", "person_id", name=op.f("uq_push_resource_link_id_person_id")),
    )
    op.create_index("ix_push_due", "push", ["next_try_at"], unique=False, postgresql_where=sa.text("status = 'todo'"))
    op.create_index(op.f("ix_push_grade_id"), "push", ["grade_id"], unique=False)
    op.create_index(
        "ix_push_leased", "push", ["leased_until"], unique=False, postgresql_where=sa.text("status = 'doing'")
    )
    op.create_index(
        "ix_push_unread",
        "push",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('succeeded', 'overridden') AND is_result_due"),
    )
    op.create_table(
        "push_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("push_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_version", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'ignored', 'unauthorised', 'gone', 'conflict',"
            " 'refused', 'broken', 'busy', 'unknown')",
            name=op.f("ck_push_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(["push_id"], ["push.id"], name=op.f("fk_push_attempt_push_id_push")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_attempt")),
    )
    op.create_index(op.f("ix_push_attempt_push_id"), "push_attempt", ["push_id"], unique=False)
    op.get_bind().exec_driver_sql(GUARDS.replace("%", "%%"))


def downgrade() -> None:
    op.drop_index(op.f("ix_push_attempt_push_id"), table_name="push_attempt")
    op.drop_table("push_attempt")
    op.drop_index(
        "ix_push_unread",
        table_name="push",
        postgresql_where=sa.text("status IN ('succeeded', 'overridden') AND is_result_due"),
    )
    op.drop_index("ix_push_leased", table_name="push", postgresql_where=sa.text("status = 'doing'"))
    op.drop_index(op.f("ix_push_grade_id"), table_name="push")
    op.drop_index("ix_push_due", table_name="push", postgresql_where=sa.text("status = 'todo'"))
    op.drop_table("push")
    op.drop_table("approval")
    op.drop_index(op.f("ix_grade_person_id"), table_name="grade")
    op.drop_table("grade")
    for function in ("gradebook_check_push", "gradebook_check_approval", "gradebook_refuse_change"):
        op.execute(f"DROP FUNCTION {function}()")
