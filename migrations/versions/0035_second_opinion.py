"""What the local model last said of each submission."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opinion_training",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("papers", sa.BigInteger(), nullable=False),
        sa.Column("others", sa.BigInteger(), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("papers >= 0 AND others >= 0", name=op.f("ck_opinion_training_papers")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_opinion_training_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_training")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_opinion_training_placement_id")),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("training_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False),
        *_bounds(),
        sa.CheckConstraint("0 <= low AND low <= points AND points <= high", name=op.f("ck_opinion_bounds")),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["opinion_training.id"],
            name=op.f("fk_opinion_training_id_opinion_training"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_opinion_submission_id_submission"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_opinion_submission_id")),
    )
    op.create_index(op.f("ix_opinion_training_id"), "opinion", ["training_id"])
    op.create_table(
        "criterion_opinion",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("opinion_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("likely", sa.Float(), nullable=False),
        *_bounds(),
        sa.CheckConstraint("0 <= low AND low <= points AND points <= high", name=op.f("ck_criterion_opinion_bounds")),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_criterion_opinion_opinion_id_opinion"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_criterion_opinion_criterion_id_criterion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_opinion")),
        sa.UniqueConstraint("opinion_id", "criterion_id", name=op.f("uq_criterion_opinion_opinion_id_criterion_id")),
    )
    op.create_index(op.f("ix_criterion_opinion_criterion_id"), "criterion_opinion", ["criterion_id"])


def _bounds() -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in ("points", "low", "high")]


def downgrade() -> None:
    op.drop_table("criterion_opinion")
    op.drop_table("opinion")
    op.drop_table("opinion_training")
