"""Indexing and vectors happen in the background; what was left behind is asked for again by night."""

import io
import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from lti_tool.content import tasks
from lti_tool.content.models import Chunk, ChunkEmbedding, Document, SourceState
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from tests.content.conftest import MakeSource
from tests.fakes.model_server import ModelServer
from tests.fixtures.people import House
from tests.llm.conftest import configure


@pytest.fixture
def server(runtime: Runtime) -> Iterator[ModelServer]:
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    with ModelServer() as running:
        configure(door.engine, door.secrets, running.url)
        yield running


def queued(session: Session) -> list[tuple[str, dict[str, object]]]:
    found = session.execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
    return [(name, args) for name, args in found]


def test_an_indexed_source_asks_for_its_vectors_and_gets_them(
    runtime: Runtime, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("leaves.txt", media_type=MediaType.TEXT, state=SourceState.TODO)
    tasks.index(runtime, course_id=house.course.id, source_id=str(source.id))
    assert queued(session) == [("content.embed", {"course_id": house.course.id})]
    tasks.embed(runtime, course_id=house.course.id)
    assert session.scalar(select(func.count()).select_from(ChunkEmbedding)) == 1


def test_indexing_twice_changes_nothing(
    runtime: Runtime, session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("leaves.txt", media_type=MediaType.TEXT)
    seen = []
    for _ in range(2):
        tasks.index(runtime, course_id=house.course.id, source_id=str(source.id))
        seen.append(session.execute(select(Chunk.id, Chunk.text)).all())
    assert seen[0] == seen[1] != []


def test_a_job_for_a_source_that_is_gone_does_nothing(runtime: Runtime, session: Session, house: House) -> None:
    tasks.index(runtime, course_id=house.course.id, source_id=str(uuid4()))
    assert queued(session) == []


def test_the_night_asks_again_for_what_was_left_behind(
    runtime: Runtime, session: Session, make_source: MakeSource
) -> None:
    lost = make_source("lost", state=SourceState.DOING)
    older = make_source("older", "One.")
    session.execute(update(Document).where(Document.source_id == older.id).values(extraction=0))
    make_source("ready", "Two.")
    make_source("refused", state=SourceState.FAILED, reason="No.")
    tasks.nightly(runtime)
    asked = {args["source_id"] for name, args in queued(session) if name == "content.index"}
    assert asked == {str(lost.id), str(older.id)}
    assert [name for name, _ in queued(session)].count("content.embed") == 1


def test_the_sweep_deletes_what_no_row_names(runtime: Runtime, store: FileStore, session: Session) -> None:
    stored = store.put(session, io.BytesIO(b"x"), name="a", media_type=MediaType.TEXT)
    path = store.path(stored)
    os.utime(path, (1, 1))
    session.delete(stored)
    session.flush()
    tasks.sweep(runtime)
    assert not path.exists()
