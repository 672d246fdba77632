"""The page of the platform that a cited passage comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turn_citation", sa.Column("course_url", sa.String(), nullable=False, server_default=""))
    op.alter_column("turn_citation", "course_url", server_default=None)


def downgrade() -> None:
    op.drop_column("turn_citation", "course_url")
