"""The bar that the assistant has to reach before it drafts, and the papers graded blind."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grading_gate",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("bar", sa.Numeric(3, 2), nullable=False),
        sa.Column("sample_size", sa.BigInteger(), nullable=False),
        sa.Column("is_drift_watched", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("bar BETWEEN 0 AND 1", name=op.f("ck_grading_gate_bar")),
        sa.CheckConstraint("sample_size BETWEEN 10 AND 200", name=op.f("ck_grading_gate_sample_size")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_grading_gate_placement_id_placement")
        ),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_grading_gate_changed_by_id_person")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_grading_gate")),
    )
    op.create_table(
        "sampled_paper",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_sampled_paper_position")),
        sa.CheckConstraint("reason IN ('length', 'predicted')", name=op.f("ck_sampled_paper_reason")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_sampled_paper_placement_id_placement")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_sampled_paper_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_paper")),
        sa.UniqueConstraint("placement_id", "position", name=op.f("uq_sampled_paper_placement_id_position")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_sampled_paper_submission_id")),
    )


def downgrade() -> None:
    op.drop_table("sampled_paper")
    op.drop_table("grading_gate")
