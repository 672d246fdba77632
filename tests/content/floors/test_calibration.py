"""The floor of an embedding model is measured on the material of the site, and a person's own figure beats it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.content import tasks
from lti_tool.content.embedding import embed_chunks
from lti_tool.content.floors.calibration import calibrate, floor_above
from lti_tool.content.floors.floor import Basis, Floor, floor_for
from lti_tool.content.floors.models import SimilarityFloor
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_THRESHOLD
from lti_tool.site_settings.store import snapshot, write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.content.conftest import MakeSource
from tests.fakes.model_server import ModelServer
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


def page_about(subject: str) -> str:
    """Sentences of the page's own words, so that one of them finds the rest and hardly another page."""
    words = [f"{subject}{letter}" for letter in "abcdefgh"]
    return " ".join(f"{' '.join(words[at:] + words[:at])}." for at in range(8))


@pytest.fixture
def material(house: House, make_source: MakeSource, door: Door, server: ModelServer) -> None:
    """Two sources of their own words each, with vectors."""
    for title, subject in (("Trees", "oak"), ("Stars", "nova")):
        make_source(title, *(page_about(f"{subject}{number}") for number in range(15)), heading=title)
    embed_chunks(door, house.course.id)


def floor(session: Session, house: House) -> Floor:
    return floor_for(session, snapshot(session, house.course.id), "fake-embedding")


def test_the_floor_stands_just_above_every_wrong_passage() -> None:
    assert floor_above([0.2, 0.7, 0.8, 0.9], [0.1, 0.3]) == (pytest.approx(0.3, abs=1e-5), 0.875)
    assert floor_above([0.5], [1.0])[0] == 1.0


@pytest.mark.usefixtures("material")
def test_a_measured_floor_counts_until_somebody_sets_another(session: Session, house: House, door: Door) -> None:
    assert floor(session, house).basis == Basis.DEFAULT
    measured = calibrate(door)
    assert measured is not None and measured.questions >= 20 and measured.told_apart > 0.8
    assert (floor(session, house).basis, floor(session, house).value) == (Basis.MEASURED, measured.floor)
    write(session, RAG_THRESHOLD, Decimal("0.4"))
    assert (floor(session, house).basis, floor(session, house).value) == (Basis.SITE, 0.4)
    write(session, RAG_THRESHOLD, Decimal("0.5"), course_id=house.course.id)
    assert (floor(session, house).basis, floor(session, house).value) == (Basis.COURSE, 0.5)


@pytest.mark.usefixtures("material")
def test_measuring_again_replaces_what_was_measured(session: Session, door: Door) -> None:
    first, second = calibrate(door), calibrate(door)
    assert first is not None and second is not None and second.measured_at > first.measured_at
    assert session.query(SimilarityFloor).count() == 1


@pytest.mark.usefixtures("material")
def test_a_source_that_says_the_same_does_not_raise_the_floor(
    make_source: MakeSource, house: House, door: Door
) -> None:
    make_source("Trees again", *(page_about(f"oak{number}") for number in range(15)), heading="Again")
    embed_chunks(door, house.course.id)
    measured = calibrate(door)
    assert measured is not None and measured.floor < 0.9


def test_too_little_material_is_not_measured(
    house: House, make_source: MakeSource, door: Door, server: ModelServer
) -> None:
    make_source("Trees", page_about("oak"))
    embed_chunks(door, house.course.id)
    assert calibrate(door) is None


def test_without_a_model_nothing_is_measured(door: Door) -> None:
    assert calibrate(door) is None


@pytest.mark.usefixtures("material")
def test_a_course_that_is_switched_off_sends_nothing(
    session: Session, house: House, door: Door, server: ModelServer
) -> None:
    write(session, SWITCHES[Feature.EMBEDDINGS], False, course_id=house.course.id)
    asked = len(server.requests)
    assert (calibrate(door), len(server.requests)) == (None, asked)


def test_the_first_vectors_of_a_model_ask_for_its_measurement(
    runtime: Runtime, session: Session, house: House, make_source: MakeSource, server: ModelServer
) -> None:
    make_source("Trees", "One.")
    tasks.embed(runtime, course_id=house.course.id)
    assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == ["content.calibrate"]


@pytest.mark.usefixtures("material")
def test_a_measured_model_is_not_asked_for_again(
    runtime: Runtime, session: Session, house: House, make_source: MakeSource
) -> None:
    tasks.calibrate_floor(runtime)
    make_source("More", "One.")
    tasks.embed(runtime, course_id=house.course.id)
    assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == []
