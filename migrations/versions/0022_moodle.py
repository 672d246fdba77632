"""Keep tokens for Moodle's web services, and how the reading of a course from Moodle goes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moodle_token",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("token_encrypted", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_moodle_token_course_id_course"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_moodle_token_platform_id_platform"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moodle_token")),
    )
    op.create_index(
        "uq_moodle_token_platform",
        "moodle_token",
        ["platform_id"],
        unique=True,
        postgresql_where=sa.text("course_id IS NULL"),
    )
    op.create_index(
        "uq_moodle_token_course",
        "moodle_token",
        ["course_id"],
        unique=True,
        postgresql_where=sa.text("course_id IS NOT NULL"),
    )
    create_readings()
    op.add_column("source", sa.Column("version", sa.String(), nullable=False, server_default=""))
    op.alter_column("source", "version", server_default=None)


def create_readings() -> None:
    counts = ("done", "total", "added", "changed", "removed", "failed")
    moments = ("finished_at", "read_at", "read_in_full_at")
    op.create_table(
        "moodle_reading",
        sa.Column("course_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counts),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in moments),
        sa.CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name=op.f("ck_moodle_reading_state")),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_moodle_reading_reason")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_moodle_reading_course_id_course"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_moodle_reading")),
    )


def downgrade() -> None:
    op.drop_column("source", "version")
    op.drop_table("moodle_reading")
    op.drop_table("moodle_token")
