"""Which model and prompt a run of drafts was asked of."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_run", sa.Column("asked_of", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("draft_run", "asked_of")
