"""When the teachers of a course were told that a question waits; those that wait already count as told."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("escalation", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE escalation SET told_at = created_at")


def downgrade() -> None:
    op.drop_column("escalation", "told_at")
