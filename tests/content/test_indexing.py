"""From a file to chunks: what changed is written, what stayed keeps its row, and what fails says why."""

import io

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.content.indexing import index_source, store_document
from lti_tool.content.models import Chunk, CourseLexeme, Document, Source, SourceState
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from tests.content.conftest import MakeSource, sections
from tests.files import samples
from tests.fixtures.people import House


def give_file(session: Session, store: FileStore, source: Source, content: bytes, kind: MediaType) -> None:
    source.file = store.put(
        session, io.BytesIO(content), name=source.title, media_type=kind, course_id=source.course_id
    )
    source.state = SourceState.TODO
    session.flush()


def chunks_of(session: Session, source: Source) -> dict[str, int]:
    return {chunk.text: chunk.id for chunk in session.scalars(select(Chunk).where(Chunk.source_id == source.id))}


def test_a_file_becomes_chunks_with_their_pages(
    runtime: Runtime, session: Session, store: FileStore, make_source: MakeSource
) -> None:
    source = make_source("leaves.pdf")
    give_file(session, store, source, samples.pdf("Leaves are green.", "Roots drink."), MediaType.PDF)
    assert index_source(runtime.engine, store, source.id)
    session.expire_all()
    assert (source.state, session.scalars(select(Document.pages)).one()) == (SourceState.SUCCEEDED, 2)
    chunks = session.execute(select(Chunk.page, Chunk.text).order_by(Chunk.position)).all()
    assert chunks == [(1, "Leaves are green."), (2, "Roots drink.")]


def test_a_file_that_cannot_be_read_says_why_and_keeps_what_was_there(
    runtime: Runtime, session: Session, store: FileStore, make_source: MakeSource
) -> None:
    source = make_source("leaves.pdf", "Leaves are green.")
    give_file(session, store, source, samples.pdf(""), MediaType.PDF)
    assert not index_source(runtime.engine, store, source.id)
    session.expire_all()
    assert (source.state, source.reason) == (SourceState.FAILED, "No text was found in this file.")
    assert list(chunks_of(session, source)) == ["Leaves are green."]


def test_damaged_bytes_fail_the_source(
    runtime: Runtime, session: Session, store: FileStore, make_source: MakeSource
) -> None:
    source = make_source("leaves.txt", media_type=MediaType.TEXT)
    store.path(source.file).chmod(0o600)
    store.path(source.file).write_bytes(b"other")
    index_source(runtime.engine, store, source.id)
    session.expire_all()
    assert (source.state, source.reason) == (SourceState.FAILED, "A stored file is damaged on the disk.")


def test_a_source_deleted_meanwhile_needs_nothing(
    runtime: Runtime, session: Session, store: FileStore, make_source: MakeSource
) -> None:
    source = make_source("leaves.txt", media_type=MediaType.TEXT)
    session.delete(source)
    session.flush()
    assert not index_source(runtime.engine, store, source.id)


def test_an_unchanged_chunk_keeps_its_row_though_its_page_moved(session: Session, make_source: MakeSource) -> None:
    source = make_source("a", "First.", "Second.")
    before = chunks_of(session, source)
    store_document(session, source, sections("New.", "First.", "Changed."))
    after = chunks_of(session, source)
    assert (after["First."], set(after)) == (before["First."], {"New.", "First.", "Changed."})
    assert session.scalars(select(Chunk.page).where(Chunk.text == "First.")).one() == 2


def test_two_chunks_of_the_same_text_are_both_kept(session: Session, make_source: MakeSource) -> None:
    source = make_source("a", "Same.", "Same.")
    store_document(session, source, sections("Same.", "Same.", "Same."))
    pages = select(Chunk.page).where(Chunk.source_id == source.id).order_by(Chunk.position)
    assert session.scalars(pages).all() == [1, 2, 3]


def test_lexemes_are_counted_through_every_change(session: Session, house: House, make_source: MakeSource) -> None:
    source = make_source("a", "leaf leaf", "leaf", "root")
    store_document(session, source, sections("leaf", "stem"))
    counted = {row.lexeme: row.chunks for row in session.scalars(select(CourseLexeme))}
    course = house.course.id
    assert counted == {f"{course}:{t}": n for t, n in {"": 2, "leaf": 1, "^leaf": 1, "stem": 1, "^stem": 1}.items()}


def test_deleting_a_source_leaves_no_lexeme(session: Session, make_source: MakeSource) -> None:
    source = make_source("a", "leaf", "root")
    session.delete(source)
    session.flush()
    assert session.scalar(select(func.count()).select_from(CourseLexeme)) == 0


@pytest.mark.parametrize("change", ["text = 'other'", "tsv = ''", "course_id = course_id"])
def test_the_table_refuses_to_change_the_text_of_a_chunk(
    session: Session, make_source: MakeSource, change: str
) -> None:
    make_source("a", "leaf")
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(text(f"UPDATE chunk SET {change}"))


def test_a_failed_source_must_have_a_reason(session: Session, make_source: MakeSource) -> None:
    with pytest.raises(DBAPIError, match="ck_source_reason"):
        make_source("a", state=SourceState.FAILED)
