"""What came of each roster sync."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_sync",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("known_count", sa.BigInteger(), nullable=False),
        sa.Column("fetched_count", sa.BigInteger(), nullable=False),
        sa.Column("added_count", sa.BigInteger(), nullable=False),
        sa.Column("left_count", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status IN ('accepted', 'dismissed')) = (decided_by_id IS NOT NULL)", name=op.f("ck_roster_sync_decided")
        ),
        sa.CheckConstraint(
            "status IN ('succeeded', 'failed', 'held', 'accepted', 'dismissed')", name=op.f("ck_roster_sync_status")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_roster_sync_course_id_course")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_roster_sync_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_sync")),
    )
    op.create_index("ix_roster_sync_course_id_id", "roster_sync", ["course_id", "id"], unique=False)
    op.create_index(
        "uq_roster_sync_held", "roster_sync", ["course_id"], unique=True, postgresql_where=sa.text("status = 'held'")
    )


def downgrade() -> None:
    op.drop_index("uq_roster_sync_held", table_name="roster_sync", postgresql_where=sa.text("status = 'held'"))
    op.drop_index("ix_roster_sync_course_id_id", table_name="roster_sync")
    op.drop_table("roster_sync")
