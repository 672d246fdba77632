"""How far a source is, as the page shows it while the work goes on."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.content import tasks
from lti_tool.content.embedding import embed_chunks
from lti_tool.content.models import ChunkEmbedding, Source, SourceState
from lti_tool.content.progress.models import SourceProgress, Stage
from lti_tool.content.progress.stages import tell
from lti_tool.errors import ModelFailed
from lti_tool.files.media_types import MediaType
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from tests.content.conftest import MakeSource
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.llm.conftest import configure


@pytest.fixture
def door(runtime: Runtime) -> Door:
    return Door(engine=runtime.engine, secrets=runtime.secrets)


@pytest.fixture
def server(door: Door) -> Iterator[ModelServer]:
    with ModelServer() as running:
        configure(door.engine, door.secrets, running.url)
        yield running


def progress(session: Session, source: Source) -> SourceProgress:
    session.expire_all()
    return session.get_one(SourceProgress, source.id)


def index(runtime: Runtime, source: Source) -> None:
    tasks.index(runtime, course_id=source.course_id, source_id=str(source.id))


def test_an_indexed_source_is_ready(runtime: Runtime, session: Session, make_source: MakeSource) -> None:
    source = make_source("a.txt", media_type=MediaType.TEXT)
    index(runtime, source)
    assert progress(session, source).stage == Stage.READY


def test_pages_without_text_are_counted(runtime: Runtime, session: Session, make_source: MakeSource) -> None:
    source = make_source("a")
    tell(runtime.engine, source.id, Stage.READING, 8, 10)
    tell(runtime.engine, source.id, Stage.CUTTING)
    assert progress(session, source).unread_pages == 2


def test_embedding_counts_the_vectors_of_each_source(
    runtime: Runtime, door: Door, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    first = make_source("a", *(f"leaf {number}" for number in range(40)))
    second = make_source("b", *(f"root {number}" for number in range(40)))
    server.reply(Reply(), Reply(status=400, error={"message": "no"}))
    with pytest.raises(ModelFailed):
        embed_chunks(door, house.course.id)
    found = progress(session, second)
    assert (found.stage, found.done, found.total, bool(found.note)) == (Stage.EMBEDDING, 24, 40, True)
    assert (progress(session, first).stage, progress(session, first).note) == (Stage.READY, "")
    embed_chunks(door, house.course.id)
    assert (progress(session, second).stage, progress(session, second).note) == (Stage.READY, "")
    assert len(session.scalars(select(ChunkEmbedding.chunk_id)).all()) == 80


def test_a_source_that_was_deleted_meanwhile_is_told_nothing(runtime: Runtime, session: Session) -> None:
    tell(runtime.engine, uuid4(), Stage.READING)
    assert session.scalars(select(SourceProgress)).all() == []


def test_a_fault_of_ours_fails_one_source_with_a_reason_and_leaves_the_others_alone(
    runtime: Runtime, session: Session, make_source: MakeSource
) -> None:
    odd, kept = make_source("odd", media_type=MediaType.TEXT), make_source("kept", media_type=MediaType.TEXT)
    odd.kept_file.media_type = "application/of-a-later-version"
    session.flush()
    with pytest.raises(ValueError):
        index(runtime, odd)
    index(runtime, kept)
    session.expire_all()
    assert (odd.state, "not in the file" in odd.reason) == (SourceState.FAILED, True)
    assert kept.state == SourceState.SUCCEEDED
    assert tasks.index.retry.wait_after(1) is None


def test_a_job_for_no_source_fails_nothing(runtime: Runtime) -> None:
    tasks.give_up(runtime.engine, UUID(int=0))
