"""Conversations of the tutor, their turns with citations and frames, and what limits and the privacy notice count."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_acceptance",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_acceptance_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_acceptance")),
        sa.UniqueConstraint("person_id", "text_version", name=op.f("uq_notice_acceptance_person_id_text_version")),
    )
    op.create_table(
        "question_asked",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_question_asked_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_asked")),
    )
    op.create_index("ix_question_asked_person_id_asked_at", "question_asked", ["person_id", "asked_at"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_conversation_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conversation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_conversation_placement_id_placement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index(op.f("ix_conversation_person_id"), "conversation", ["person_id"], unique=False)
    op.create_index(
        "uq_conversation_active",
        "conversation",
        ["course_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("client_key", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answer_markdown", sa.String(), nullable=False),
        sa.Column("last_frame", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("is_stopping", sa.Boolean(), nullable=False),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.String(), nullable=True),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=True),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'failed') = (error_code IS NOT NULL)", name=op.f("ck_turn_failed_has_error_code")),
        sa.CheckConstraint("(state = 'succeeded') = (outcome IS NOT NULL)", name=op.f("ck_turn_succeeded_has_outcome")),
        sa.CheckConstraint(
            "(state IN ('todo', 'doing')) = (lease_until IS NOT NULL)", name=op.f("ck_turn_open_has_lease")
        ),
        sa.CheckConstraint("outcome IN ('answer', 'quotation', 'refusal')", name=op.f("ck_turn_outcome")),
        sa.CheckConstraint("state <> 'doing' OR node IS NOT NULL", name=op.f("ck_turn_doing_has_node")),
        sa.CheckConstraint(
            "state IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_turn_state")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_turn_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("conversation_id", "client_key", name=op.f("uq_turn_conversation_id_client_key")),
        sa.UniqueConstraint("conversation_id", "position", name=op.f("uq_turn_conversation_id_position")),
    )
    op.create_index(
        "ix_turn_lease_until",
        "turn",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "uq_turn_open", "turn", ["conversation_id"], unique=True, postgresql_where=sa.text("state IN ('todo', 'doing')")
    )
    op.create_table(
        "turn_citation",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("locator", sa.String(), nullable=False),
        sa.Column("quotation", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turn.id"], name=op.f("fk_turn_citation_turn_id_turn"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn_citation")),
        sa.UniqueConstraint("turn_id", "number", name=op.f("uq_turn_citation_turn_id_number")),
    )
    op.create_table(
        "turn_frame",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('accepted', 'block', 'citations', 'done', 'error')", name=op.f("ck_turn_frame_kind")
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], name=op.f("fk_turn_frame_turn_id_turn"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("turn_id", "sequence", name=op.f("pk_turn_frame")),
    )


def downgrade() -> None:
    op.drop_table("turn_frame")
    op.drop_table("turn_citation")
    op.drop_index("uq_turn_open", table_name="turn")
    op.drop_index("ix_turn_lease_until", table_name="turn")
    op.drop_table("turn")
    op.drop_index("uq_conversation_active", table_name="conversation")
    op.drop_index(op.f("ix_conversation_person_id"), table_name="conversation")
    op.drop_table("conversation")
    op.drop_index("ix_question_asked_person_id_asked_at", table_name="question_asked")
    op.drop_table("question_asked")
    op.drop_table("notice_acceptance")
