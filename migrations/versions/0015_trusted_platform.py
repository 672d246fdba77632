"""Which platforms' administrators administer the whole tool."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now those of every platform did.
    op.add_column("platform", sa.Column("is_trusted", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("platform", "is_trusted", server_default=None)


def downgrade() -> None:
    op.drop_column("platform", "is_trusted")
