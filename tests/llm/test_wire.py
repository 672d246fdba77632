"""Canaries: whatever road a text takes to the model server, no name, e-mail or student number is on the wire."""

from typing import Literal

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.identities import identities_of
from lti_tool.errors import ModelFailed
from lti_tool.llm import dialect
from lti_tool.llm.chat import ChatModel, Delta, Message, MessageRole
from lti_tool.llm.door import Door
from lti_tool.llm.embeddings import EmbeddingModel
from lti_tool.llm.structured import StrictSchema
from lti_tool.site_settings.switches import Feature
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import House
from tests.llm.conftest import caller

LETTER = "Dear {name} ({email}, {idnumber}) handed in late; CANARY says so, and {name} agrees."


class Verdict(StrictSchema):
    word: Literal["late", "in time"]
    whose: str


@pytest.fixture(autouse=True)
def _forget_dialects() -> None:
    dialect._learnt.clear()


@pytest.fixture
def letter(house: House) -> str:
    student = house.student
    return LETTER.format(name=student.name, email=student.email, idnumber=student.idnumber)


def messages(letter: str) -> list[Message]:
    return [Message(role=role, content=letter) for role in MessageRole]


def course_chat(door: Door, house: House, session: Session) -> ChatModel:
    return ChatModel(door, caller(identities=identities_of(session, house.course.id), course_id=house.course.id))


def assert_no_canary(server: ModelServer, house: House) -> None:
    wire = server.wire.lower()
    assert server.requests and "handed in late" in wire
    for person in house.people.values():
        assert person.email not in wire and person.idnumber not in wire
    assert "canary" not in wire.replace("sk-canary", "")


def test_a_streamed_chat_names_nobody_and_its_answer_does(
    door: Door, configured: ModelServer, house: House, session: Session, letter: str
) -> None:
    deltas = list(course_chat(door, house, session).stream(messages(letter)))
    assert_no_canary(configured, house)
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == f"You said: {letter}"


def test_a_structured_call_and_its_repair_name_nobody(
    door: Door, configured: ModelServer, house: House, session: Session, letter: str
) -> None:
    configured.reply(
        Reply(text='{"word": "maybe", "whose": "[person-1]"}'), Reply(text='{"word": "late", "whose": "[person-1]"}')
    )
    verdict = course_chat(door, house, session).structured(messages(letter), Verdict)
    assert verdict == Verdict(word="late", whose=house.student.name)
    assert len(configured.requests) == 2
    assert_no_canary(configured, house)


def test_an_embedding_names_nobody(
    door: Door, configured: ModelServer, house: House, session: Session, letter: str
) -> None:
    someone = caller(Feature.EMBEDDINGS, identities_of(session, house.course.id), house.course.id)
    EmbeddingModel(door, someone, name="fake-embedding").embed([letter])
    assert_no_canary(configured, house)


def test_a_refused_request_is_neither_logged_nor_raised_with_its_text(
    door: Door,
    configured: ModelServer,
    house: House,
    session: Session,
    letter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    configured.reply(Reply(status=400, error={"message": f"cannot read: {letter}"}))
    with caplog.at_level("DEBUG"), pytest.raises(ModelFailed) as caught:
        list(course_chat(door, house, session).stream(messages(letter)))
    assert "anary" not in f"{caught.value} {caught.value.details} {caplog.text}".replace("sk-canary", "")
