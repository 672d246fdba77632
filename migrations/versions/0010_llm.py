"""Calls to language models with what they cost, and the circuit breaker that all nodes share."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "llm_call",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("is_estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("first_token_ms", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("outcome IN ('succeeded', 'failed', 'cancelled')", name=op.f("ck_llm_call_outcome")),
        sa.CheckConstraint("(outcome = 'failed') = (error_code IS NOT NULL)", name=op.f("ck_llm_call_error_code")),
        sa.CheckConstraint(
            "prompt_tokens >= 0 AND completion_tokens >= 0 AND cost_micros >= 0", name=op.f("ck_llm_call_counts")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_llm_call_course_id_course"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_llm_call_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_call")),
    )
    op.create_index(op.f("ix_llm_call_course_id_created_at"), "llm_call", ["course_id", "created_at"])
    op.create_index(op.f("ix_llm_call_person_id"), "llm_call", ["person_id"])
    op.create_index(op.f("ix_llm_call_created_at"), "llm_call", ["created_at"])
    op.create_table(
        "circuit_breaker",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("state IN ('closed', 'open', 'half_open')", name=op.f("ck_circuit_breaker_state")),
        sa.CheckConstraint("(state = 'closed') = (opened_at IS NULL)", name=op.f("ck_circuit_breaker_opened_at")),
        sa.CheckConstraint(
            "(state = 'half_open') = (probed_at IS NOT NULL)", name=op.f("ck_circuit_breaker_probed_at")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_circuit_breaker")),
    )


def downgrade() -> None:
    op.drop_table("circuit_breaker")
    op.drop_table("llm_call")
