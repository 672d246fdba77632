"""Summaries of conversations, hint-first turns, struck citations, assessed work, events of chat and security."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OLD_KINDS = (
    "launched, asked, answered, quoted, refused, rated, material_added, material_removed, submitted, proposed, graded, "
    "approved, pushed, push_failed, exam_uploaded, exam_confirmed, exam_disputed, exported, roster_synced"
)
NEW_KINDS = (
    "launched, thread_created, chat_message_sent, answered, quoted, refused, feedback_given, chat_exported, "
    "injection_found, output_blocked, material_added, material_removed, submitted, proposed, graded, approved, pushed, "
    "push_failed, exam_uploaded, exam_confirmed, exam_disputed, exported, roster_synced"
)
RENAMED = {"asked": "chat_message_sent", "rated": "feedback_given"}
FRESH = ("thread_created", "chat_exported", "injection_found", "output_blocked")
COLUMNS = (
    ("conversation", "summary", sa.String(), sa.text("''")),
    ("conversation", "summarised_until", sa.BigInteger(), sa.text("0")),
    ("turn", "is_hint_first", sa.Boolean(), sa.false()),
    ("turn_citation", "is_supported", sa.Boolean(), sa.true()),
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_event_kind"), "event")
    for old, new in RENAMED.items():
        op.execute(f"UPDATE event SET kind = '{new}' WHERE kind = '{old}'")
    _allow_kinds(NEW_KINDS)
    for table, name, kind, before in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=before))
        op.alter_column(table, name, server_default=None)
    op.create_table(
        "assessed_work",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("is_assessed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("num_nonnulls(placement_id, source_id) = 1", name=op.f("ck_assessed_work_one_thing")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_assessed_work_course_id_course")),
        sa.ForeignKeyConstraint(
            ["placement_id"],
            ["placement.id"],
            name=op.f("fk_assessed_work_placement_id_placement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_assessed_work_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessed_work")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_assessed_work_placement_id")),
        sa.UniqueConstraint("source_id", name=op.f("uq_assessed_work_source_id")),
    )
    op.create_index(op.f("ix_assessed_work_course_id"), "assessed_work", ["course_id"])
    _index_calls(postgresql_include=["cost_micros"])


def downgrade() -> None:
    _index_calls()
    op.drop_table("assessed_work")
    for table, name, _, _ in reversed(COLUMNS):
        op.drop_column(table, name)
    op.drop_constraint(op.f("ck_event_kind"), "event")
    for old, new in RENAMED.items():
        op.execute(f"UPDATE event SET kind = '{old}' WHERE kind = '{new}'")
    op.execute(f"DELETE FROM event WHERE kind IN ({_quoted(', '.join(FRESH))})")
    _allow_kinds(OLD_KINDS)


def _allow_kinds(kinds: str) -> None:
    op.create_check_constraint(op.f("ck_event_kind"), "event", f"kind IN ({_quoted(kinds)})")


def _quoted(kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds.split(", "))


def _index_calls(**options: list[str]) -> None:
    op.drop_index("ix_llm_call_course_id_created_at", "llm_call")
    op.create_index("ix_llm_call_course_id_created_at", "llm_call", ["course_id", "created_at"], **options)
