"""Keep what became of the backups and cartridges that teachers send."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COUNTS = ("done", "total", "added", "changed", "removed", "left_out")


def upgrade() -> None:
    op.create_table(
        "course_archive",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default="todo", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in COUNTS),
        sa.Column("failures", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state IN ('todo', 'doing')) = (file_id IS NOT NULL)", name=op.f("ck_course_archive_file")),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_course_archive_reason")),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_course_archive_done")),
        sa.CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name=op.f("ck_course_archive_state")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_archive_course_id_course")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_course_archive_created_by_id_person")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_course_archive_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_archive")),
    )
    op.create_index("ix_course_archive_course_id", "course_archive", ["course_id"])


def downgrade() -> None:
    op.drop_table("course_archive")
