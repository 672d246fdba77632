"""People, courses, placements, bound launches and capability overrides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("idnumber", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_person_platform_id_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("platform_id", "sub", name=op.f("uq_person_platform_id_sub")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("context_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("memberships_url", sa.String(), nullable=True),
        sa.Column("line_items_url", sa.String(), nullable=True),
        sa.Column("last_launch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roster_synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_course_deployment_id_deployment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("deployment_id", "context_id", name=op.f("uq_course_deployment_id_context_id")),
    )
    op.create_table(
        "capability_override",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("capability", sa.String(), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('teacher', 'non_editing_teacher', 'student')", name=op.f("ck_capability_override_role")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_capability_override_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability_override")),
        sa.UniqueConstraint(
            "course_id", "role", "capability", name=op.f("uq_capability_override_course_id_role_capability")
        ),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("launch_role", sa.String(), nullable=True),
        sa.Column("roster_role", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("last_launch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "launch_role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')",
            name=op.f("ck_membership_launch_role"),
        ),
        sa.CheckConstraint(
            "roster_role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')",
            name=op.f("ck_membership_roster_role"),
        ),
        sa.CheckConstraint("status IN ('active', 'inactive')", name=op.f("ck_membership_status")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_membership_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_membership_course_id_person_id")),
    )
    op.create_index(op.f("ix_membership_course_id"), "membership", ["course_id"], unique=False)
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("copied_from_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('tutor', 'activity', 'exam', 'dashboard')", name=op.f("ck_placement_kind")),
        sa.CheckConstraint("points > 0", name=op.f("ck_placement_points")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["placement.id"], name=op.f("fk_placement_copied_from_id_placement")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_placement_course_id_course")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_placement_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(op.f("ix_placement_course_id"), "placement", ["course_id"], unique=False)
    op.create_index(
        "uq_placement_copy",
        "placement",
        ["course_id", "copied_from_id"],
        unique=True,
        postgresql_where=sa.text("copied_from_id IS NOT NULL"),
    )
    op.create_table(
        "resource_link",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_link_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("line_item_url", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_resource_link_course_id_course")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_resource_link_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_link")),
        sa.UniqueConstraint("course_id", "resource_link_id", name=op.f("uq_resource_link_course_id_resource_link_id")),
    )
    op.create_index(op.f("ix_resource_link_placement_id"), "resource_link", ["placement_id"], unique=False)
    op.create_table(
        "bound_launch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_link_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_person_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("return_url", sa.String(), nullable=True),
        sa.Column("deep_linking", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("notices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "message IN ('resource_link', 'deep_linking', 'submission_review')", name=op.f("ck_bound_launch_message")
        ),
        sa.CheckConstraint(
            "role IN ('administrator', 'teacher', 'non_editing_teacher', 'student')", name=op.f("ck_bound_launch_role")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_bound_launch_course_id_course")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_bound_launch_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bound_launch_person_id_person")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_bound_launch_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_bound_launch_resource_link_id_resource_link")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_person_id"], ["person.id"], name=op.f("fk_bound_launch_reviewed_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bound_launch")),
    )
    op.create_index(op.f("ix_bound_launch_expires_at"), "bound_launch", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("bound_launch")
    op.drop_table("resource_link")
    op.drop_table("placement")
    op.drop_table("membership")
    op.drop_table("capability_override")
    op.drop_table("course")
    op.drop_table("person")
