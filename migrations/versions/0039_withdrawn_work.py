"""Work that is withdrawn or withheld from its owner, and pages of it that say whose it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEEP_FILES = """
CREATE OR REPLACE FUNCTION grading_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM submission WHERE state {handed_in}
        AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.submission_id END,
                   CASE WHEN TG_OP <> 'DELETE' THEN NEW.submission_id END);
    IF FOUND THEN
        RAISE EXCEPTION 'the files of a submitted submission never change';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

KEEP_SUBMISSION = """
CREATE FUNCTION grading_keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'submitted' OR NEW.state <> 'withdrawn' OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER submission_is_fixed ON submission;
CREATE TRIGGER submission_is_fixed BEFORE UPDATE ON submission
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION grading_keep_submission();
"""

REFUSE_CHANGE = """
DROP TRIGGER submission_is_fixed ON submission;
DROP FUNCTION grading_keep_submission();
UPDATE submission SET state = 'submitted' WHERE state = 'withdrawn';
CREATE TRIGGER submission_is_fixed BEFORE UPDATE ON submission
    FOR EACH ROW WHEN (OLD.state = 'submitted') EXECUTE FUNCTION grading_refuse_change();
"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_submission_state"), "submission")
    op.create_check_constraint(
        op.f("ck_submission_state"), "submission", "state IN ('draft', 'submitted', 'withdrawn')"
    )
    op.drop_constraint(op.f("ck_submission_submitted_has_receipt"), "submission")
    op.create_check_constraint(
        op.f("ck_submission_submitted_has_receipt"),
        "submission",
        "(state <> 'draft') = (submitted_at IS NOT NULL AND sha256 IS NOT NULL)",
    )
    op.add_column(
        "submission_file", sa.Column("covered", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.alter_column("submission_file", "covered", server_default=None)
    op.create_table(
        "withheld_work",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_withheld_work_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_withheld_work")),
    )
    for statements in (KEEP_FILES.format(handed_in="<> 'draft'"), KEEP_SUBMISSION):
        op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    for statements in (REFUSE_CHANGE, KEEP_FILES.format(handed_in="= 'submitted'")):
        op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
    op.drop_table("withheld_work")
    op.drop_column("submission_file", "covered")
    op.drop_constraint(op.f("ck_submission_submitted_has_receipt"), "submission")
    op.create_check_constraint(
        op.f("ck_submission_submitted_has_receipt"),
        "submission",
        "(state = 'submitted') = (submitted_at IS NOT NULL AND sha256 IS NOT NULL)",
    )
    op.drop_constraint(op.f("ck_submission_state"), "submission")
    op.create_check_constraint(op.f("ck_submission_state"), "submission", "state IN ('draft', 'submitted')")
