"""A recording becomes text for its person to read and send; it goes nowhere unless site and course want that."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.llm.models import LlmCall
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import DAILY_LIMIT
from lti_tool.site_settings.chat import ENABLE_TRANSCRIPTION, TRANSCRIPTION_DEPLOYMENT
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import QuestionAsked
from lti_tool.tutor.speech import recording
from lti_tool.tutor.views import NODE
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import Browser, Enter, House
from tests.llm.conftest import configure

pytestmark = pytest.mark.usefixtures("material")
WEBM = b"\x1a\x45\xdf\xa3" + b"sound" * 20


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture
def model(session: Session, runtime: Runtime, house: House) -> ModelServer:
    with ModelServer() as server:
        configure(runtime.engine, runtime.secrets, server.url)
        write(session, TRANSCRIPTION_DEPLOYMENT, "whisper-1")
        write(session, ENABLE_TRANSCRIPTION, True, course_id=house.course.id)
        yield server


def say(browser: Browser, audio: bytes = WEBM) -> Any:
    return browser.post("tutor/speech", {"audio": (io.BytesIO(audio), "question")})


def test_a_recording_comes_back_as_text_and_is_not_asked(session: Session, enter: Enter, model: ModelServer) -> None:
    model.reply(Reply(text=" What is osmosis? "))
    student = enter("student")
    assert say(student).json == {"text": "What is osmosis?", "left_today": 49}
    assert not student.page("tutor/").select("li[data-turn]")
    request = model.requests[-1]
    assert request.path == "/v1/audio/transcriptions" and 'filename="question.webm"' in request.body
    assert "whisper-1" in request.body and "Canary" not in model.wire


def test_it_is_counted_as_a_call_of_its_own(session: Session, enter: Enter, model: ModelServer) -> None:
    model.reply(Reply(text="What is osmosis?"))
    say(enter("student"))
    call = session.scalars(select(LlmCall)).one()
    assert (call.purpose, call.model, call.outcome) == ("tutor.transcription", "whisper-1", "succeeded")
    assert session.scalar(select(func.count()).select_from(QuestionAsked)) == 1


@pytest.mark.parametrize("off", ["course", "model", "switch"])
def test_nothing_is_sent_where_it_is_off(
    session: Session, house: House, enter: Enter, model: ModelServer, off: str
) -> None:
    if off == "course":
        write(session, ENABLE_TRANSCRIPTION, False, course_id=house.course.id)
    elif off == "model":
        write(session, TRANSCRIPTION_DEPLOYMENT, "")
    else:
        write(session, SWITCHES[Feature.TUTOR], False)
    assert say(enter("student")).status_code == 403
    assert model.requests == []


def test_other_files_and_long_recordings_are_refused(
    enter: Enter, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = enter("student")
    assert say(student, b"MZ not sound").status_code == 400
    monkeypatch.setattr(recording, "MOST_BYTES", 10)
    assert "too long" in say(student).json["message"]
    assert student.post("tutor/speech").status_code == 400
    assert model.requests == []


def test_who_may_not_ask_today_may_not_speak(session: Session, enter: Enter, model: ModelServer) -> None:
    write(session, DAILY_LIMIT, 1)
    student = enter("student")
    student.post("tutor/questions", {"key": "key-00000001", "text": "Who won the chess championship?"})
    assert say(student).json["error"] == "daily_limit"


def test_a_failing_server_is_said_in_words(enter: Enter, model: ModelServer) -> None:
    model.reply(Reply(status=401))
    refused = say(enter("student"))
    assert refused.status_code == 502 and refused.json["message"]


def test_the_page_says_which_way_it_goes(session: Session, house: House, enter: Enter, model: ModelServer) -> None:
    student = enter("student")
    assert student.page("tutor/").select_one("[data-part=microphone][hidden]").has_attr("data-transcribes")
    write(session, ENABLE_TRANSCRIPTION, False, course_id=house.course.id)
    assert not student.page("tutor/").select_one("[data-part=microphone][hidden]").has_attr("data-transcribes")
