"""Release as a step after approval; independent marks, allocation, notes, comment bank and time at the marking desk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

GUARDS = """
CREATE FUNCTION gradebook_check_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approval WHERE grade_id = NEW.grade_id AND grade_version = NEW.grade_version
        AND NOT EXISTS (SELECT FROM approval_end WHERE approval_id = approval.id AND kind = 'released');
    IF FOUND THEN
        RAISE EXCEPTION 'a push must be of a released approval';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approval_end_append_only BEFORE UPDATE OR DELETE ON approval_end
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER approval_end_no_truncate BEFORE TRUNCATE ON approval_end
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();

CREATE TRIGGER push_is_released BEFORE INSERT OR UPDATE OF grade_id, grade_version ON push
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_release();

CREATE FUNCTION desk_keep_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM independent_mark WHERE submission_id = NEW.submission_id HAVING count(DISTINCT marker_id) >= 2;
    IF FOUND THEN
        RAISE EXCEPTION 'both marks are in';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER independent_mark_is_sealed BEFORE INSERT ON independent_mark
    FOR EACH ROW EXECUTE FUNCTION desk_keep_marks();
CREATE TRIGGER independent_mark_is_fixed BEFORE UPDATE ON independent_mark
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER independent_tick_is_fixed BEFORE UPDATE ON independent_tick
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
"""
TABLES = (
    "desk_preference",
    "look",
    "bank_comment",
    "private_note",
    "allocation",
    "reconciliation",
    "independent_tick",
    "independent_mark",
    "approval_end",
)


def upgrade() -> None:
    op.create_table(
        "desk_preference",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("has_shortcuts", sa.Boolean(), nullable=False),
        sa.Column("queue_order", sa.String(), nullable=False),
        sa.Column("is_mine_only", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "queue_order IN ('name', 'time', 'priority', 'random')", name=op.f("ck_desk_preference_queue_order")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_preference_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_desk_preference")),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("marker_id <> person_id", name=op.f("ck_allocation_not_own")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_allocation_created_by_id_person")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_allocation_marker_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_allocation_person_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_allocation_placement_id_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint(
            "placement_id", "person_id", "marker_id", name=op.f("uq_allocation_placement_id_person_id_marker_id")
        ),
    )
    op.create_table(
        "bank_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_bank_comment_text")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_bank_comment_course_id_course")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_bank_comment_owner_id_person")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_bank_comment_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_comment")),
    )
    op.create_index("ix_bank_comment_course_id_owner_id", "bank_comment", ["course_id", "owner_id"], unique=False)
    op.create_index(op.f("ix_bank_comment_placement_id"), "bank_comment", ["placement_id"], unique=False)
    op.create_table(
        "private_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_private_note_author_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_private_note_person_id_person")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_private_note_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_note")),
    )
    op.create_index(
        "ix_private_note_placement_id_person_id", "private_note", ["placement_id", "person_id"], unique=False
    )
    op.create_table(
        "independent_mark",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rubric_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("feedback", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_independent_mark_points")),
        sa.CheckConstraint("version > 0", name=op.f("ck_independent_mark_version")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_independent_mark_marker_id_person")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_independent_mark_rubric_id_rubric")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_independent_mark_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_independent_mark")),
        sa.UniqueConstraint(
            "submission_id", "marker_id", "version", name=op.f("uq_independent_mark_submission_id_marker_id_version")
        ),
    )
    op.create_table(
        "look",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("credited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("had_draft", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_look_seconds")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_look_person_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_look_submission_id_submission"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
        sa.UniqueConstraint("submission_id", "person_id", name=op.f("uq_look_submission_id_person_id")),
    )
    op.create_index("ix_look_person_id_credited_at", "look", ["person_id", "credited_at"], unique=False)
    op.create_table(
        "approval_end",
        sa.Column("approval_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('released', 'withdrawn')", name=op.f("ck_approval_end_kind")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_approval_end_approval_id_approval")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_approval_end_ended_by_id_person")),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approval_end")),
    )
    op.create_table(
        "reconciliation",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("first_mark_id", sa.BigInteger(), nullable=False),
        sa.Column("second_mark_id", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("how IN ('agreed', 'mean', 'one', 'new')", name=op.f("ck_reconciliation_how")),
        sa.CheckConstraint("first_mark_id <> second_mark_id", name=op.f("ck_reconciliation_two_marks")),
        sa.ForeignKeyConstraint(
            ["first_mark_id"], ["independent_mark.id"], name=op.f("fk_reconciliation_first_mark_id_independent_mark")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_reconciliation_review_id_review")),
        sa.ForeignKeyConstraint(
            ["second_mark_id"], ["independent_mark.id"], name=op.f("fk_reconciliation_second_mark_id_independent_mark")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reconciliation")),
    )
    op.create_table(
        "independent_tick",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_independent_tick_points")),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_independent_tick_criterion_id_criterion")
        ),
        sa.ForeignKeyConstraint(
            ["level_id", "criterion_id"],
            ["level.id", "level.criterion_id"],
            name=op.f("fk_independent_tick_level_id_criterion_id_level"),
        ),
        sa.ForeignKeyConstraint(
            ["mark_id"], ["independent_mark.id"], name=op.f("fk_independent_tick_mark_id_independent_mark")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_independent_tick")),
        sa.UniqueConstraint("mark_id", "criterion_id", name=op.f("uq_independent_tick_mark_id_criterion_id")),
    )

    op.execute(
        "INSERT INTO approval_end (approval_id, kind, ended_by_id, ended_at)"
        " SELECT id, 'released', approved_by_id, approved_at FROM approval"
    )
    op.add_column("tick", sa.Column("evidence", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("tick", "evidence", server_default=None)
    op.execute(GUARDS)


def downgrade() -> None:
    op.execute("DROP TRIGGER push_is_released ON push")
    op.execute("DROP FUNCTION gradebook_check_release()")
    op.drop_column("tick", "evidence")
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION desk_keep_marks()")
