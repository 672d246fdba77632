"""Keep what people did as minimal events, for analytics."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "launched, asked, answered, quoted, refused, rated, material_added, material_removed, submitted, proposed, graded, "
    "approved, pushed, push_failed, exam_uploaded, exam_confirmed, exam_disputed, exported, roster_synced"
)
KNOWN = ", ".join(f"'{kind}'" for kind in KINDS.split(", "))


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("placement_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KNOWN})", name=op.f("ck_event_kind")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_event_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_person_id_person")),
        sa.PrimaryKeyConstraint("id", "occurred_at", name=op.f("pk_event")),
    )
    op.create_index("ix_event_course_id_occurred_at", "event", ["course_id", "occurred_at"])
    op.create_index("ix_event_person_id_occurred_at", "event", ["person_id", "occurred_at"])


def downgrade() -> None:
    op.drop_table("event")
