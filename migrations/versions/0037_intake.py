"""Drafts of students' texts, and piles of work that staff look at before they are taken."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_draft",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_work_draft_person_id_person")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_work_draft_placement_id_placement")),
        sa.PrimaryKeyConstraint("placement_id", "person_id", name=op.f("pk_work_draft")),
    )
    op.create_index(op.f("ix_work_draft_person_id"), "work_draft", ["person_id"], unique=False)
    op.create_table(
        "work_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_work_upload_file_id_stored_file")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_work_upload_placement_id_placement")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_work_upload_uploaded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_upload")),
    )
    op.create_index(op.f("ix_work_upload_file_id"), "work_upload", ["file_id"], unique=False)
    op.create_index(op.f("ix_work_upload_placement_id"), "work_upload", ["placement_id"], unique=False)


def downgrade() -> None:
    op.drop_table("work_upload")
    op.drop_table("work_draft")
