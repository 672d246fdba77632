"""Keep the similarity floor that was measured for each embedding model."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "similarity_floor",
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.Float(), nullable=False),
        sa.Column("told_apart", sa.Float(), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("floor BETWEEN -1 AND 1", name=op.f("ck_similarity_floor_floor")),
        sa.CheckConstraint("told_apart BETWEEN 0 AND 1", name=op.f("ck_similarity_floor_told_apart")),
        sa.CheckConstraint("questions > 0", name=op.f("ck_similarity_floor_questions")),
        sa.ForeignKeyConstraint(
            ["model_id"], ["embedding_model.id"], name=op.f("fk_similarity_floor_model_id_embedding_model")
        ),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_similarity_floor")),
    )


def downgrade() -> None:
    op.drop_table("similarity_floor")
