"""Keep how far each source is on its way into the index."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_progress",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("unread_pages", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_source_progress_done")),
        sa.CheckConstraint(
            "stage IN ('reading', 'cutting', 'embedding', 'ready')", name=op.f("ck_source_progress_stage")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_progress_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_progress")),
    )


def downgrade() -> None:
    op.drop_table("source_progress")
