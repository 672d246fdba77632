"""A vector goes with the text that it was made of, whoever empties or deletes that."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

FORGET = """
CREATE FUNCTION forget_work_embedding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM work_embedding
    WHERE submission_id = (CASE TG_TABLE_NAME WHEN 'submission' THEN to_jsonb(OLD) ->> 'id'
                           ELSE to_jsonb(OLD) ->> 'submission_id' END)::uuid;
    RETURN NULL;
END $$;

CREATE TRIGGER forget_vector_of_text AFTER UPDATE OF text ON submission
    FOR EACH ROW WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION forget_work_embedding();
CREATE TRIGGER forget_vector_of_file AFTER DELETE OR UPDATE OF file_id ON submission_file
    FOR EACH ROW EXECUTE FUNCTION forget_work_embedding();
"""


def upgrade() -> None:
    op.execute(FORGET)


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_vector_of_file ON submission_file")
    op.execute("DROP TRIGGER forget_vector_of_text ON submission")
    op.execute("DROP FUNCTION forget_work_embedding()")
