"""A question asked again: in other words or the same, while the earlier version is kept."""

import json

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import EMBEDDING_DEPLOYMENT
from lti_tool.site_settings.store import write
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Turn
from lti_tool.tutor.views import NODE
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import Browser, Enter
from tests.llm.conftest import configure
from tests.tutor.test_views import ask, parts

pytestmark = pytest.mark.usefixtures("material")


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture
def student(enter: Enter) -> Browser:
    return enter("student")


@pytest.fixture
def model(session: Session, runtime: Runtime) -> ModelServer:
    with ModelServer() as server:
        configure(runtime.engine, runtime.secrets, server.url)
        write(session, EMBEDDING_DEPLOYMENT, "")
        yield server


def turns(session: Session) -> list[Turn]:
    return list(session.scalars(select(Turn).order_by(Turn.position)))


def test_another_answer_keeps_the_first_one_folded(session: Session, student: Browser, model: ModelServer) -> None:
    model.reply(Reply(text="Water moves [1]."), Reply(text="It is diffusion of water [1]."))
    form = ask(student).select_one("li[data-turn] form[data-part=again]")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    page = student.follow(student.post(form["action"].split("/", 3)[3], fields))
    assert parts(page, "blocks") == ["Water moves [1] .", "It is diffusion of water [1] ."]
    assert "Water moves" in page.select_one("details.tutor-earlier").text
    assert len(page.select("li[data-turn] form[data-part=again]")) == 2


def test_an_edited_question_replaces_the_earlier_one_in_what_the_model_sees(
    session: Session, student: Browser, model: ModelServer
) -> None:
    model.reply(Reply(text="Water moves [1]."), Reply(text="Through a membrane [1]."), Reply(text="Yes [1]."))
    ask(student)
    first = turns(session)[0]
    edited = {"key": "key-00000009", "text": "What is osmosis in short?"}
    page = student.follow(student.post(f"tutor/turns/{first.id}/again", edited))
    assert parts(page, "question")[-1] == "What is osmosis in short?"
    ask(student, "Is osmosis the movement of water?")
    seen = [message["content"] for message in json.loads(model.requests[-1].body)["messages"]]
    assert "Through a membrane" in str(seen) and "Water moves" not in str(seen)


def test_sent_twice_it_is_asked_once(session: Session, student: Browser) -> None:
    ask(student)
    path = f"tutor/turns/{turns(session)[0].id}/again"
    for _ in range(2):
        assert student.post(path, {"key": "key-00000009", "text": "Osmosis?"}).status_code == 303
    assert len(turns(session)) == 2


def test_only_the_last_turn_is_asked_again(session: Session, student: Browser) -> None:
    ask(student)
    ask(student, "What are mitochondria?")
    response = student.post(f"tutor/turns/{turns(session)[0].id}/again", {"key": "key-00000009", "text": "Osmosis?"})
    assert response.status_code == 400 and len(turns(session)) == 2
    assert 'value="Osmosis?"' in response.text or ">Osmosis?</textarea>" in response.text


@pytest.mark.parametrize("stranger", ["teacher", "other_student", "outsider"])
def test_nobody_asks_anothers_question_again(session: Session, enter: Enter, student: Browser, stranger: str) -> None:
    ask(student)
    path = f"tutor/turns/{turns(session)[0].id}/again"
    assert enter(stranger).post(path, {"key": "key-00000009", "text": "x"}).status_code == 404
