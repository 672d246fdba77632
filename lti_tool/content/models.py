"""Sources of a course, their text in chunks, and the two indexes over the chunks: words and vectors.

`chunk_embedding` is narrow and its vectors lie in the row itself: the exact scan of a course is then as fast as an
index up to about 20,000 chunks (stack-measurements.md 3). `course_lexeme` counts in how many chunks of a course each
lexeme stands; triggers keep it true, whoever writes or deletes chunks.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.content.items import ItemKind, Origin
from lti_tool.db import Base, CreatedAt, Key, OpaqueKey, guard
from lti_tool.errors import NotFound
from lti_tool.files.models import StoredFile


class SourceState(StrEnum):
    """Of the latest indexing: todo -> doing -> succeeded or failed, and back to todo when asked again.

    What is hidden or restricted in the course is left out of the index, and listed.
    """

    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LEFT_OUT = "left_out"


def _title_as_key(context: DefaultExecutionContext) -> str:
    return str(context.get_current_parameters()["title"])  # type: ignore[no-untyped-call]


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Source(Base):
    """A piece of course material: a file, or a page kept as one. Its key is unique among those of its origin.

    An upload's key is its file's name: the same name again is a new version. `is_wanted` is a teacher's own choice,
    which beats the rule that hidden and restricted items are left out.
    """

    __tablename__ = "source"
    __table_args__ = (
        UniqueConstraint("course_id", "origin", "key"),
        CheckConstraint(_one_of("origin", Origin), name="origin"),
        CheckConstraint(_one_of("kind", ItemKind), name="kind"),
        CheckConstraint(_one_of("state", SourceState), name="state"),
        CheckConstraint("(state = 'failed') = (reason <> '')", name="reason"),
        CheckConstraint("file_id IS NOT NULL OR state IN ('failed', 'left_out')", name="file"),
    )

    id: Mapped[OpaqueKey]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    origin: Mapped[str] = mapped_column(default=Origin.UPLOAD)
    key: Mapped[str] = mapped_column(default=_title_as_key)
    kind: Mapped[str] = mapped_column(default=ItemKind.FILE)
    title: Mapped[str]
    section: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    is_hidden: Mapped[bool] = mapped_column(default=False)
    is_restricted: Mapped[bool] = mapped_column(default=False)
    is_wanted: Mapped[bool | None]
    fingerprint: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[str] = mapped_column(default=SourceState.TODO)
    reason: Mapped[str] = mapped_column(default="", server_default="")
    is_visible_to_students: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile | None] = relationship(lazy="joined")

    @property
    def is_included(self) -> bool:
        """Whether the tutor may read it: as the teacher chose, else unless the course hides or restricts it."""
        return not (self.is_hidden or self.is_restricted) if self.is_wanted is None else self.is_wanted

    @property
    def kept_file(self) -> StoredFile:
        """The file of a source that has text; raises NotFound where nothing was ever read."""
        if self.file is None:
            raise NotFound("file_unknown")
        return self.file


class Document(Base):
    """The text of the version of a source that was indexed last."""

    __tablename__ = "document"

    id: Mapped[Key]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), unique=True)
    sha256: Mapped[str]
    extraction: Mapped[int]
    pages: Mapped[int | None]
    indexed_at: Mapped[datetime]


class Chunk(Base):
    """A piece of a document: at most 6,000 characters of one page, slide or section. Its text never changes."""

    __tablename__ = "chunk"
    __table_args__ = (
        CheckConstraint("length(text) BETWEEN 1 AND 6000", name="text"),
        # The mean length of a course's chunks is read from the index alone.
        Index("ix_chunk_course_id", "course_id", postgresql_include=["term_count"]),
        # Without fastupdate: a question looks up dozens of lexemes, and each look would read the pending list.
        Index("ix_chunk_tsv", "tsv", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    page: Mapped[int | None]
    heading: Mapped[str]
    sha256: Mapped[str]
    term_count: Mapped[int]
    text: Mapped[str]
    tsv: Mapped[Any] = mapped_column(TSVECTOR, deferred=True)


class EmbeddingModelName(Base):
    """A number for the name of an embedding model, so that a million vectors do not repeat it."""

    __tablename__ = "embedding_model"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)


class ChunkEmbedding(Base):
    """The vector of a chunk by one model; vectors of several models and lengths may stand side by side."""

    __tablename__ = "chunk_embedding"

    chunk_id: Mapped[int] = mapped_column(ForeignKey("chunk.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("embedding_model.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    source_id: Mapped[UUID]
    embedding: Mapped[Any] = mapped_column(HALFVEC)


class CourseLexeme(Base):
    """In how many chunks a lexeme stands; the lexeme itself begins with the course (content/lexemes.py)."""

    __tablename__ = "course_lexeme"
    __table_args__ = (CheckConstraint("chunks > 0", name="chunks"),)

    lexeme: Mapped[str] = mapped_column(primary_key=True)
    chunks: Mapped[int]


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

guard(";\n".join(RULES), probe="count_added_lexemes")
