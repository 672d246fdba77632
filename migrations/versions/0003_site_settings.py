"""Settings that differ from their defaults, for the site and for courses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting_value",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("value", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("encrypted", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("(value IS NULL) <> (encrypted IS NULL)", name=op.f("ck_setting_value_one_form")),
        sa.CheckConstraint("encrypted IS NULL OR course_id IS NULL", name=op.f("ck_setting_value_secret_of_site")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_setting_value_course_id_course"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_value")),
    )
    op.create_index(
        "uq_setting_value_site", "setting_value", ["key"], unique=True, postgresql_where=sa.text("course_id IS NULL")
    )
    op.create_index(
        "uq_setting_value_course",
        "setting_value",
        ["course_id", "key"],
        unique=True,
        postgresql_where=sa.text("course_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("setting_value")
