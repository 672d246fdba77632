"""Vectors where there is a model; words alone where there is none, or while it is away."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.content import embedding
from lti_tool.content.embedding import embed_chunks, question_vector
from lti_tool.content.finding import Finding, find_passages
from lti_tool.content.indexing import store_document
from lti_tool.content.models import ChunkEmbedding
from lti_tool.errors import ModelFailed
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.content.conftest import MakeSource, sections
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


def vectors(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ChunkEmbedding)) or 0


def find(runtime: Runtime, house: House, question: str) -> Finding:
    return find_passages(runtime, course_id=house.course.id, question=question)


def test_every_chunk_gets_its_vector_in_batches(
    door: Door, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    make_source("a", *(f"leaf {number}" for number in range(70)))
    assert (embed_chunks(door, house.course.id), vectors(session), len(server.requests)) == (70, 70, 2)


def test_only_changed_chunks_are_embedded_again(
    door: Door, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    source = make_source("a", "leaf", "root", "stem")
    embed_chunks(door, house.course.id)
    store_document(session, source, sections("leaf", "root", "petal"))
    assert (embed_chunks(door, house.course.id), server.requests[-1].content["input"]) == (1, ["petal"])
    assert vectors(session) == 3


def test_a_heading_is_embedded_with_its_text(
    door: Door, server: ModelServer, house: House, make_source: MakeSource
) -> None:
    make_source("a", "They are green.", heading="Leaves")
    embed_chunks(door, house.course.id)
    assert server.requests[0].content["input"] == ["Leaves\nThey are green."]


def test_without_a_model_nothing_is_embedded(door: Door, house: House, make_source: MakeSource) -> None:
    make_source("a", "leaf")
    assert embed_chunks(door, house.course.id) == 0
    assert question_vector(door, course_id=house.course.id, question="leaf", person_id=None) is None


def test_a_switched_off_course_calls_nobody(
    door: Door, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    make_source("a", "leaf")
    write(session, SWITCHES[Feature.EMBEDDINGS], False, course_id=house.course.id)
    session.flush()
    assert embed_chunks(door, house.course.id) == 0
    assert question_vector(door, course_id=house.course.id, question="leaf", person_id=None) is None
    assert server.requests == []


def test_an_outage_fails_the_job_and_keeps_what_was_embedded(
    door: Door, server: ModelServer, session: Session, house: House, make_source: MakeSource
) -> None:
    make_source("a", *(f"leaf {number}" for number in range(70)))
    server.reply(Reply())
    server.reply(*[Reply(status=400, error={"message": "no"})] * 4)
    with pytest.raises(ModelFailed):
        embed_chunks(door, house.course.id)
    assert vectors(session) == 64


def test_while_the_model_is_away_words_find_the_passage(
    runtime: Runtime, server: ModelServer, house: House, make_source: MakeSource
) -> None:
    make_source("a", "Leaves are green.", "Roots drink.")
    server.reply(*[Reply(status=400, error={"message": "no"})] * 4)
    found = find(runtime, house, "green leaves")
    assert (found.with_vectors, found.passages[0].page) == (False, 1)


def test_a_question_is_compared_by_words_and_by_meaning(
    runtime: Runtime, door: Door, server: ModelServer, house: House, make_source: MakeSource
) -> None:
    make_source("a", "Leaves are green.", "Roots drink.")
    embed_chunks(door, house.course.id)
    found = find(runtime, house, "green leaves")
    assert found.with_vectors and found.passages[0].similarity is not None


def test_vectors_too_long_for_a_row_are_refused(
    door: Door, server: ModelServer, house: House, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_source("a", "leaf")
    monkeypatch.setattr(embedding, "MOST_DIMENSIONS", 63)
    with pytest.raises(ModelFailed, match="longer than 63"):
        embed_chunks(door, house.course.id)


def test_names_of_the_course_do_not_reach_the_model(
    door: Door, server: ModelServer, house: House, make_source: MakeSource
) -> None:
    make_source("a", f"{house.student.name} asked about leaves.")
    embed_chunks(door, house.course.id)
    assert "Canary" not in server.requests[0].body
