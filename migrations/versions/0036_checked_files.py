"""When the bytes of a stored file were last compared with their hash, and whether they were damaged."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stored_file", sa.Column("is_damaged", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("stored_file", "is_damaged", server_default=None)
    op.create_index(op.f("ix_stored_file_checked_at"), "stored_file", ["checked_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stored_file_checked_at"), "stored_file")
    op.drop_column("stored_file", "is_damaged")
    op.drop_column("stored_file", "checked_at")
