"""Keep the material of courses: sources, their text in chunks, and the indexes over the chunks."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PLAIN_STORAGE = "ALTER TABLE chunk_embedding ALTER COLUMN embedding SET STORAGE PLAIN"

# One writer a course at a time: two statements that count the same lexemes in another order would deadlock.
COUNT_ADDED = """
CREATE FUNCTION count_added_lexemes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('course_lexeme', course_id))
    FROM (SELECT DISTINCT course_id FROM added ORDER BY course_id) AS courses;
    INSERT INTO course_lexeme AS known (lexeme, chunks)
    SELECT lexeme, count(*) FROM added, unnest(tsvector_to_array(tsv)) AS lexeme
    WHERE strpos(lexeme, '~') = 0 GROUP BY lexeme
    ON CONFLICT (lexeme) DO UPDATE SET chunks = known.chunks + excluded.chunks;
    RETURN NULL;
END $$
"""
COUNT_REMOVED = """
CREATE FUNCTION count_removed_lexemes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('course_lexeme', course_id))
    FROM (SELECT DISTINCT course_id FROM removed ORDER BY course_id) AS courses;
    WITH gone AS (
        SELECT lexeme, count(*) AS chunks FROM removed, unnest(tsvector_to_array(tsv)) AS lexeme
        WHERE strpos(lexeme, '~') = 0 GROUP BY lexeme
    ), vanished AS (
        DELETE FROM course_lexeme USING gone
        WHERE course_lexeme.lexeme = gone.lexeme AND course_lexeme.chunks = gone.chunks
    )
    UPDATE course_lexeme SET chunks = course_lexeme.chunks - gone.chunks FROM gone
    WHERE course_lexeme.lexeme = gone.lexeme AND course_lexeme.chunks > gone.chunks;
    RETURN NULL;
END $$
"""
WHEN_ADDED = """
CREATE TRIGGER count_added AFTER INSERT ON chunk REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_added_lexemes()
"""
WHEN_REMOVED = """
CREATE TRIGGER count_removed AFTER DELETE ON chunk REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION count_removed_lexemes()
"""
KEEP_TEXT = """
CREATE FUNCTION keep_chunk_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the text of a chunk never changes';
END $$
"""
WHEN_CHANGED = """
CREATE TRIGGER keep_text BEFORE UPDATE OF course_id, source_id, heading, text, sha256, tsv ON chunk
FOR EACH ROW EXECUTE FUNCTION keep_chunk_text()
"""
RULES = (PLAIN_STORAGE, COUNT_ADDED, COUNT_REMOVED, WHEN_ADDED, WHEN_REMOVED, KEEP_TEXT, WHEN_CHANGED)


def upgrade() -> None:
    create_sources()
    create_chunks()
    create_indexes_of_chunks()
    for rule in RULES:
        op.execute(rule)


def create_sources() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("is_visible_to_students", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('todo', 'doing', 'succeeded', 'failed')", name=op.f("ck_source_state")),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_source_reason")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_source_course_id_course")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_source_created_by_id_person")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_source_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("course_id", "title", name=op.f("uq_source_course_id_title")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("extraction", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_document_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("source_id", name=op.f("uq_document_source_id")),
    )


def create_chunks() -> None:
    op.create_table(
        "chunk",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("term_count", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("tsv", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 6000", name=op.f("ck_chunk_text")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_chunk_course_id_course")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_chunk_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_chunk_source_id_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunk")),
    )
    op.create_index("ix_chunk_tsv", "chunk", ["tsv"], postgresql_using="gin", postgresql_with={"fastupdate": "off"})
    op.create_index("ix_chunk_course_id", "chunk", ["course_id"], postgresql_include=["term_count"])
    for column in ("document_id", "source_id"):
        op.create_index(op.f(f"ix_chunk_{column}"), "chunk", [column])


def create_indexes_of_chunks() -> None:
    op.create_table(
        "embedding_model",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding_model")),
        sa.UniqueConstraint("name", name=op.f("uq_embedding_model_name")),
    )
    op.create_table(
        "chunk_embedding",
        sa.Column("chunk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("embedding", HALFVEC(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunk.id"], name=op.f("fk_chunk_embedding_chunk_id_chunk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_chunk_embedding_course_id_course")),
        sa.ForeignKeyConstraint(
            ["model_id"], ["embedding_model.id"], name=op.f("fk_chunk_embedding_model_id_embedding_model")
        ),
        sa.PrimaryKeyConstraint("chunk_id", "model_id", name=op.f("pk_chunk_embedding")),
    )
    op.create_index(op.f("ix_chunk_embedding_course_id"), "chunk_embedding", ["course_id"])
    op.create_table(
        "course_lexeme",
        sa.Column("lexeme", sa.String(), nullable=False),
        sa.Column("chunks", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("chunks > 0", name=op.f("ck_course_lexeme_chunks")),
        sa.PrimaryKeyConstraint("lexeme", name=op.f("pk_course_lexeme")),
    )


def downgrade() -> None:
    for table in ("course_lexeme", "chunk_embedding", "embedding_model", "chunk", "document", "source"):
        op.drop_table(table)
    for function in ("count_added_lexemes", "count_removed_lexemes", "keep_chunk_text"):
        op.execute(f"DROP FUNCTION {function}()")
