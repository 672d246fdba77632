"""Moodle's number of an activity, and of the page that was open when a question was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resource_link", sa.Column("course_module", sa.BigInteger(), nullable=True))
    op.add_column("turn", sa.Column("course_module", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("turn", "course_module")
    op.drop_column("resource_link", "course_module")
