"""Native Moodle assignments: what is marked here, where its work came from, and pushes that go there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CHECK = """
CREATE OR REPLACE FUNCTION gradebook_check_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.grade_id <> OLD.grade_id THEN
        PERFORM 1 FROM grade
            LEFT JOIN resource_link ON resource_link.id = NEW.resource_link_id
            LEFT JOIN moodle_assignment ON moodle_assignment.id = NEW.moodle_assignment_id
            WHERE grade.id = NEW.grade_id
              AND grade.placement_id IN (resource_link.placement_id, moodle_assignment.placement_id);
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
"""

CHECK_BEFORE = """
CREATE OR REPLACE FUNCTION gradebook_check_push() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


def upgrade() -> None:
    op.create_table(
        "moodle_assignment",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("module", sa.BigInteger(), nullable=False),
        sa.Column("maximum", sa.Numeric(precision=9, scale=3), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("is_team", sa.Boolean(), nullable=False),
        sa.Column("has_workflow", sa.Boolean(), nullable=False),
        sa.Column("workflow_state", sa.String(), nullable=False),
        sa.Column("is_polled", sa.Boolean(), nullable=False),
        sa.Column("seen_until", sa.BigInteger(), nullable=False),
        sa.Column("rubric_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("maximum > 0", name=op.f("ck_moodle_assignment_maximum")),
        sa.CheckConstraint("method IN ('points', 'rubric', 'guide')", name=op.f("ck_moodle_assignment_method")),
        sa.CheckConstraint(
            "workflow_state IN ('readyforreview', 'readyforrelease', 'released')",
            name=op.f("ck_moodle_assignment_workflow_state"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_moodle_assignment_course_id_course")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_moodle_assignment_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moodle_assignment")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_moodle_assignment_course_id_number")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_moodle_assignment_placement_id")),
    )
    op.create_table(
        "pulled_work",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("moodle_assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("left_out", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["moodle_assignment_id"],
            ["moodle_assignment.id"],
            name=op.f("fk_pulled_work_moodle_assignment_id_moodle_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_pulled_work_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_pulled_work")),
    )
    op.create_index("ix_pulled_work_assignment_number", "pulled_work", ["moodle_assignment_id", "number", "changed_at"])
    op.add_column("bound_launch", sa.Column("placement_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_bound_launch_placement_id_placement"), "bound_launch", "placement", ["placement_id"], ["id"]
    )
    _widen_push()


def _widen_push() -> None:
    op.add_column("push", sa.Column("moodle_assignment_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_push_moodle_assignment_id_moodle_assignment"),
        "push",
        "moodle_assignment",
        ["moodle_assignment_id"],
        ["id"],
    )
    op.create_unique_constraint(
        op.f("uq_push_moodle_assignment_id_person_id"), "push", ["moodle_assignment_id", "person_id"]
    )
    op.alter_column("push", "resource_link_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_push_target"), "push", "num_nonnulls(resource_link_id, moodle_assignment_id) = 1"
    )
    op.execute(CHECK)


def downgrade() -> None:
    op.execute(CHECK_BEFORE)
    op.drop_constraint(op.f("ck_push_target"), "push")
    op.alter_column("push", "resource_link_id", nullable=False)
    op.drop_column("push", "moodle_assignment_id")
    op.drop_column("bound_launch", "placement_id")
    op.drop_table("pulled_work")
    op.drop_table("moodle_assignment")


def _forget_pushes() -> None:
    """Their history too, which no trigger lets go otherwise."""
    op.execute("ALTER TABLE push_attempt DISABLE TRIGGER USER")
    op.execute("DELETE FROM push_attempt USING push WHERE push.id = push_id AND resource_link_id IS NULL")
    op.execute("ALTER TABLE push_attempt ENABLE TRIGGER USER")
    op.execute("DELETE FROM push WHERE resource_link_id IS NULL")
