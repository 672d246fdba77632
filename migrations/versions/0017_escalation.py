"""Questions that students hand to their teachers, whose turns wait for the answer, and the events of both."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OLD_KINDS = (
    "launched, thread_created, chat_message_sent, answered, quoted, refused, feedback_given, chat_exported, "
    "injection_found, output_blocked, material_added, material_removed, submitted, proposed, graded, approved, pushed, "
    "push_failed, exam_uploaded, exam_confirmed, exam_disputed, exported, roster_synced"
)
FRESH = "thread_deleted, question_escalated, escalation_answered"
NEW_KINDS = OLD_KINDS.replace("chat_exported", f"chat_exported, {FRESH}")


def upgrade() -> None:
    _allow_kinds(NEW_KINDS)
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("tutor_said", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer_markdown", sa.String(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'closed')", name=op.f("ck_escalation_state")),
        sa.CheckConstraint(
            "(state = 'answered') = (answer_markdown <> '')", name=op.f("ck_escalation_answered_has_answer")
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (author_id IS NOT NULL)", name=op.f("ck_escalation_answered_has_author")
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)", name=op.f("ck_escalation_answered_has_moment")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_escalation_course_id_course")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_escalation_author_id_person")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_escalation_source_id_source"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index("ix_escalation_course_id_state", "escalation", ["course_id", "state"])
    op.create_index(
        "uq_escalation_open",
        "escalation",
        ["course_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "escalation_asker",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turn.id"], name=op.f("fk_escalation_asker_turn_id_turn"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalation.id"],
            name=op.f("fk_escalation_asker_escalation_id_escalation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_escalation_asker_person_id_person")),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_escalation_asker")),
    )
    op.create_index(op.f("ix_escalation_asker_escalation_id"), "escalation_asker", ["escalation_id"])
    op.create_index(op.f("ix_escalation_asker_person_id"), "escalation_asker", ["person_id"])


def downgrade() -> None:
    op.drop_table("escalation_asker")
    op.drop_table("escalation")
    op.execute(f"DELETE FROM event WHERE kind IN ({_quoted(FRESH)})")
    _allow_kinds(OLD_KINDS)


def _allow_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_event_kind"), "event")
    op.create_check_constraint(op.f("ck_event_kind"), "event", f"kind IN ({_quoted(kinds)})")


def _quoted(kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds.split(", "))
