"""Why a scan was not taken is stored as every other sentence is: the words that change stand in its second line."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE scan_file SET reason = reason || E'\\n' || reason_words::text WHERE reason_words <> '{}'")
    op.drop_column("scan_file", "reason_words")


def downgrade() -> None:
    op.add_column(
        "scan_file", sa.Column("reason_words", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.execute(
        "UPDATE scan_file SET reason = split_part(reason, E'\\n', 1),"
        " reason_words = split_part(reason, E'\\n', 2)::jsonb WHERE strpos(reason, E'\\n') > 0"
    )
    op.alter_column("scan_file", "reason_words", server_default=None)
