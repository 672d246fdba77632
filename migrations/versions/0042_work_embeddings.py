"""What an embedding model says of submitted work, and whether the second opinion went by it."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_embedding",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("embedding", HALFVEC(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_work_embedding_sha256")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_work_embedding_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["embedding_model.id"], name=op.f("fk_work_embedding_model_id_embedding_model")
        ),
        sa.PrimaryKeyConstraint("submission_id", "model_id", name=op.f("pk_work_embedding")),
    )
    op.add_column("opinion_training", sa.Column("embedded", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("opinion_training", sa.Column("embedding_model", sa.String(), server_default="", nullable=False))
    op.alter_column("opinion_training", "embedded", server_default=None)
    op.alter_column("opinion_training", "embedding_model", server_default=None)
    op.create_check_constraint(
        op.f("ck_opinion_training_embedded"),
        "opinion_training",
        "embedded >= 0 AND (embedded > 0) = (embedding_model <> '')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_opinion_training_embedded"), "opinion_training")
    op.drop_column("opinion_training", "embedding_model")
    op.drop_column("opinion_training", "embedded")
    op.drop_table("work_embedding")
