"""The tutor's picture."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "avatar",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(image) <= 204800", name=op.f("ck_avatar_image")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_avatar")),
    )


def downgrade() -> None:
    op.drop_table("avatar")
