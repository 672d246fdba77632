"""Pictures and documents that go with a question; the row of the file goes with the last attachment that names it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

DROP_FILE = """
CREATE FUNCTION drop_file_of_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM stored_file WHERE id = OLD.file_id
        AND NOT EXISTS (SELECT FROM turn_attachment WHERE file_id = OLD.file_id);
    RETURN NULL;
END $$
"""
WHEN_DELETED = """
CREATE TRIGGER drop_file AFTER DELETE ON turn_attachment FOR EACH ROW EXECUTE FUNCTION drop_file_of_attachment()
"""


def upgrade() -> None:
    op.create_table(
        "turn_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'document')", name=op.f("ck_turn_attachment_kind")),
        sa.CheckConstraint("(kind = 'document') = (text <> '')", name=op.f("ck_turn_attachment_document_has_text")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_turn_attachment_course_id_course")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_turn_attachment_person_id_person")),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turn.id"], name=op.f("fk_turn_attachment_turn_id_turn"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_turn_attachment_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn_attachment")),
    )
    for column in ("person_id", "turn_id", "file_id"):
        op.create_index(op.f(f"ix_turn_attachment_{column}"), "turn_attachment", [column])
    op.execute(DROP_FILE)
    op.execute(WHEN_DELETED)


def downgrade() -> None:
    op.drop_table("turn_attachment")
    op.execute("DROP FUNCTION drop_file_of_attachment()")
