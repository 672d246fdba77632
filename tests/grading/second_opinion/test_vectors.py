"""Work is compared by meaning where a model makes vectors: sent once, without names, under both switches."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from lti_tool.accounts.models import Person, Placement
from lti_tool.db import erasing
from lti_tool.grading.models import Submission
from lti_tool.grading.second_opinion import tasks
from lti_tool.grading.second_opinion.models import WorkEmbedding
from lti_tool.grading.second_opinion.opinions import find_training, opinions
from lti_tool.grading.second_opinion.vectors import Meanings, meanings_of
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import EMBEDDING_DEPLOYMENT, PROMPT_PRICE
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.grading.conftest import Classroom, HandIn, Mark
from tests.llm.conftest import configure


@pytest.fixture
def door(runtime: Runtime) -> Door:
    return Door(engine=runtime.engine, secrets=runtime.secrets, pause=lambda seconds: None)


@pytest.fixture
def server(door: Door) -> Iterator[ModelServer]:
    with ModelServer() as running:
        configure(door.engine, door.secrets, running.url)
        yield running


@pytest.fixture
def meant(door: Door, house: House) -> "Meant":
    return Meant(door, house)


class Meant:
    """meant(submission, ...) -> their vectors"""

    def __init__(self, door: Door, house: House) -> None:
        self.door, self.house = door, house

    def __call__(self, *works: Submission) -> Meanings:
        return meanings_of(self.door, self.house.course.id, {work.id: work.text for work in works})


def kept(house: House) -> int:
    return house.session.scalar(select(func.count()).select_from(WorkEmbedding)) or 0


def inputs(server: ModelServer) -> list[str]:
    return [piece for request in server.requests for piece in request.content["input"]]


def test_each_text_is_sent_to_a_model_once(
    server: ModelServer, house: House, classroom: Classroom, meant: Meant
) -> None:
    works = classroom("leaves", "roots")
    first, again = meant(*works), meant(*works)
    assert sorted(inputs(server)) == ["leaves", "roots"]
    assert first.model == "fake-embedding" and set(again.vectors) == {work.id for work in works}


def test_another_model_makes_vectors_of_its_own(
    server: ModelServer, house: House, classroom: Classroom, meant: Meant
) -> None:
    works = classroom("leaves")
    meant(*works)
    write(house.session, EMBEDDING_DEPLOYMENT, "another")
    assert meant(*works).model == "another"
    assert kept(house) == 2


def test_a_text_that_reads_otherwise_now_is_sent_again(
    server: ModelServer, house: House, classroom: Classroom, door: Door, meant: Meant
) -> None:
    (work,) = classroom("leaves")
    meant(work)
    meanings_of(door, house.course.id, {work.id: "leaves and roots"})
    assert inputs(server) == ["leaves", "leaves and roots"]
    assert kept(house) == 1


def test_a_long_text_is_the_mean_of_its_pieces(server: ModelServer, classroom: Classroom, meant: Meant) -> None:
    server.reply(Reply(vectors=[[2.0, 0.0], [0.0, 5.0]]))
    (work,) = classroom("x" * 6_000 + "y" * 10)
    assert meant(work).vectors == {work.id: [0.5, 0.5]}


@pytest.mark.parametrize("feature", [Feature.EMBEDDINGS, Feature.GRADING_PROPOSALS])
def test_either_switch_keeps_all_work_in_the_house(
    server: ModelServer, house: House, classroom: Classroom, meant: Meant, feature: Feature
) -> None:
    works = classroom("leaves")
    meant(*works)
    write(house.session, SWITCHES[feature], False, course_id=house.course.id)
    assert meant(*works, *classroom_of(house, works)) == Meanings()
    assert inputs(server) == ["leaves"]


def classroom_of(house: House, works: list[Submission]) -> list[Submission]:
    """One more by the same person."""
    again = Submission(
        placement_id=works[0].placement_id,
        person_id=works[0].person_id,
        attempt=2,
        client_key="again",
        text="stems",
        state="submitted",
        submitted_at=works[0].submitted_at,
        sha256="0" * 64,
    )
    house.session.add(again)
    house.session.flush()
    return [again]


def test_nobody_is_named(server: ModelServer, house: House, classroom: Classroom, meant: Meant) -> None:
    named = house.session.get_one(Person, house.student.id).name
    meant(*classroom(f"By {named}: leaves are green"))
    assert named not in server.wire and "leaves are green" in server.wire


def test_a_used_up_budget_leaves_what_is_there(
    server: ModelServer, house: House, classroom: Classroom, meant: Meant
) -> None:
    write(house.session, PROMPT_PRICE, Decimal(10_000))
    write(house.session, MONTHLY_CAP, Decimal("0.01"))
    first, second = classroom("leaves and roots", "stems")
    meant(first)
    assert set(meant(first, second).vectors) == {first.id}


def test_a_model_that_is_away_leaves_the_words(server: ModelServer, classroom: Classroom, meant: Meant) -> None:
    server.reply(*[Reply(status=500)] * 5)
    assert meant(*classroom("leaves")) == Meanings()


def test_an_empty_text_is_sent_nowhere(server: ModelServer, classroom: Classroom, meant: Meant) -> None:
    meant(*classroom(" "))
    assert server.requests == []


def test_a_vector_goes_with_its_work(server: ModelServer, house: House, classroom: Classroom, meant: Meant) -> None:
    works = classroom("leaves", "roots")
    meant(*works)
    house.session.execute(text("DELETE FROM submission WHERE id = :id"), {"id": works[0].id})
    assert kept(house) == 1


def test_a_vector_goes_when_its_text_is_emptied(
    server: ModelServer, house: House, classroom: Classroom, meant: Meant
) -> None:
    works = classroom("leaves", "roots")
    meant(*works)
    with erasing(house.session):
        house.session.execute(text("UPDATE submission SET text = '' WHERE id = :id"), {"id": works[0].id})
    assert kept(house) == 1


def test_a_vector_goes_when_a_file_of_its_work_is_deleted(
    server: ModelServer, house: House, handed_in: HandIn, meant: Meant
) -> None:
    work = handed_in("leaves", notes__txt=b"roots")
    meant(work)
    with erasing(house.session):
        house.session.execute(text("DELETE FROM submission_file WHERE submission_id = :id"), {"id": work.id})
    assert kept(house) == 0


def taught(classroom: Classroom, marked: Mark) -> list[Submission]:
    """Twenty, of which twelve are approved: good ones speak of light, bad ones of night, in words never used twice."""
    works = classroom(*(f"word{number} {'light' if number % 2 else 'night'}{number}" for number in range(20)))
    for number, work in enumerate(works[:12]):
        marked(work, clarity="4" if number % 2 else "0", reasons="3", approved=True)
    return works


def vectors_of(works: list[Submission]) -> dict[UUID, list[float]]:
    """What a model that understands would say: two directions, and a little of each work's own."""
    return {work.id: [1.0, 0.8 if number % 2 else -0.8, number / 50] for number, work in enumerate(works)}


def test_the_job_embeds_and_says_so(
    server: ModelServer, runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    taught(classroom, marked)
    tasks.learn(runtime, placement_id=str(activity.id))
    training = find_training(house.session, activity)
    assert training is not None
    assert (training.embedded, training.embedding_model, kept(house)) == (20, "fake-embedding", 20)


def test_meaning_tells_papers_apart_that_share_no_words(
    server: ModelServer, runtime: Runtime, house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    works = taught(classroom, marked)
    by_text = vectors_of(works)
    in_order = [by_text[name] for name in sorted(by_text)]
    server.reply(Reply(vectors=in_order[:16]), Reply(vectors=in_order[16:]))
    tasks.learn(runtime, placement_id=str(activity.id))
    said = opinions(house.session, activity)
    good, bad = ([said[work.id].points for work in works[12 + parity :: 2]] for parity in (1, 0))
    assert min(good) > max(bad) + 1


def test_where_nothing_can_be_learnt_nothing_is_sent(
    server: ModelServer, runtime: Runtime, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    (work,) = classroom("one")
    marked(work, approved=True)
    tasks.learn(runtime, placement_id=str(activity.id))
    assert server.requests == []
