"""Submissions with their files, rubrics, reviews on them, and regrade requests."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GUARDS = """
CREATE FUNCTION grading_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
END $$;

CREATE FUNCTION grading_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM submission WHERE state = 'submitted'
        AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.submission_id END,
                   CASE WHEN TG_OP <> 'DELETE' THEN NEW.submission_id END);
    IF FOUND THEN
        RAISE EXCEPTION 'the files of a submitted submission never change';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION grading_keep_rubric() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'criterion' THEN
        PERFORM 1 FROM review WHERE rubric_id = NEW.rubric_id;
    ELSE
        PERFORM 1 FROM review JOIN criterion ON criterion.rubric_id = review.rubric_id
            WHERE criterion.id = NEW.criterion_id;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'a rubric in use never changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER submission_is_fixed BEFORE UPDATE ON submission
    FOR EACH ROW WHEN (OLD.state = 'submitted') EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER submission_files_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON submission_file
    FOR EACH ROW EXECUTE FUNCTION grading_keep_files();
CREATE TRIGGER rubric_is_fixed BEFORE UPDATE ON rubric
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER criterion_is_fixed BEFORE UPDATE OR DELETE ON criterion
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER level_is_fixed BEFORE UPDATE OR DELETE ON level
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER criterion_not_added_in_use BEFORE INSERT ON criterion
    FOR EACH ROW EXECUTE FUNCTION grading_keep_rubric();
CREATE TRIGGER level_not_added_in_use BEFORE INSERT ON level
    FOR EACH ROW EXECUTE FUNCTION grading_keep_rubric();
CREATE TRIGGER review_is_fixed BEFORE UPDATE ON review
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER tick_is_fixed BEFORE UPDATE ON tick
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER regrade_request_is_fixed BEFORE UPDATE ON regrade_request
    FOR EACH ROW WHEN (OLD.state = 'answered') EXECUTE FUNCTION grading_refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "rubric",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rubric_version")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_rubric_created_by_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_rubric_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric")),
        sa.UniqueConstraint("placement_id", "version", name=op.f("uq_rubric_placement_id_version")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL AND sha256 IS NOT NULL)",
            name=op.f("ck_submission_submitted_has_receipt"),
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_submission_sha256")),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name=op.f("ck_submission_state")),
        sa.CheckConstraint("attempt > 0", name=op.f("ck_submission_attempt")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_person_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_submission_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "placement_id", "person_id", "attempt", name=op.f("uq_submission_placement_id_person_id_attempt")
        ),
        sa.UniqueConstraint(
            "placement_id", "person_id", "client_key", name=op.f("uq_submission_placement_id_person_id_client_key")
        ),
    )
    op.create_index(op.f("ix_submission_person_id"), "submission", ["person_id"], unique=False)
    op.create_table(
        "criterion",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_criterion_points")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_criterion_rubric_id_rubric")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("rubric_id", "position", name=op.f("uq_criterion_rubric_id_position")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=True),
        sa.Column("grade_id", sa.BigInteger(), nullable=False),
        sa.Column("grade_version", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("feedback", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_review_points")),
        sa.CheckConstraint("version > 0", name=op.f("ck_review_version")),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_review_grade_id_grade")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_review_marker_id_person")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_review_rubric_id_rubric")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("submission_id", "version", name=op.f("uq_review_submission_id_version")),
    )
    op.create_index("ix_review_grade_id_grade_version", "review", ["grade_id", "grade_version"], unique=False)
    op.create_index(op.f("ix_review_rubric_id"), "review", ["rubric_id"], unique=False)
    op.create_table(
        "submission_file",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_submission_file_number")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_submission_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_file_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_file")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_submission_file_submission_id_number")),
    )
    op.create_index(op.f("ix_submission_file_file_id"), "submission_file", ["file_id"], unique=False)
    op.create_table(
        "level",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_level_points")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_level_criterion_id_criterion")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level")),
        sa.UniqueConstraint("criterion_id", "position", name=op.f("uq_level_criterion_id_position")),
        sa.UniqueConstraint("id", "criterion_id", name=op.f("uq_level_id_criterion_id")),
    )
    op.create_table(
        "regrade_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("approval_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_by_id IS NOT NULL AND answered_at IS NOT NULL AND reply IS NOT NULL)",
            name=op.f("ck_regrade_request_answered"),
        ),
        sa.CheckConstraint("state IN ('open', 'answered')", name=op.f("ck_regrade_request_state")),
        sa.CheckConstraint("answered_by_id <> person_id", name=op.f("ck_regrade_request_not_own")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_regrade_request_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_regrade_request_approval_id_approval")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_regrade_request_person_id_person")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_regrade_request_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_request")),
    )
    op.create_index(
        "ix_regrade_request_placement_id_person_id", "regrade_request", ["placement_id", "person_id"], unique=False
    )
    op.create_index(
        "uq_regrade_request_open",
        "regrade_request",
        ["placement_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "tick",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_tick_points")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_tick_criterion_id_criterion")),
        sa.ForeignKeyConstraint(
            ["level_id", "criterion_id"],
            ["level.id", "level.criterion_id"],
            name=op.f("fk_tick_level_id_criterion_id_level"),
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_tick_review_id_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tick")),
        sa.UniqueConstraint("review_id", "criterion_id", name=op.f("uq_tick_review_id_criterion_id")),
    )
    op.get_bind().exec_driver_sql(GUARDS.replace("%", "%%"))


def downgrade() -> None:
    op.drop_table("tick")
    op.drop_index("uq_regrade_request_open", table_name="regrade_request", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_regrade_request_placement_id_person_id", table_name="regrade_request")
    op.drop_table("regrade_request")
    op.drop_table("level")
    op.drop_index(op.f("ix_submission_file_file_id"), table_name="submission_file")
    op.drop_table("submission_file")
    op.drop_index(op.f("ix_review_rubric_id"), table_name="review")
    op.drop_index("ix_review_grade_id_grade_version", table_name="review")
    op.drop_table("review")
    op.drop_table("criterion")
    op.drop_index(op.f("ix_submission_person_id"), table_name="submission")
    op.drop_table("submission")
    op.drop_table("rubric")
    for function in ("grading_keep_rubric", "grading_keep_files", "grading_refuse_change"):
        op.execute(f"DROP FUNCTION {function}()")
