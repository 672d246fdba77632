"""Thumbs: one a person and answer, the latest counts, and the dashboard sees sums."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.activity.models import Event
from lti_tool.runtime import Runtime
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Conversation, Turn
from lti_tool.tutor.views import NODE
from tests.fixtures.people import Browser, Enter
from tests.tutor.test_views import JSON, ask

pytestmark = pytest.mark.usefixtures("material")


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


def rate(browser: Browser, session: Session, value: str, comment: str = "") -> Turn:
    own = Conversation.person_id == browser.viewer.person_id
    turn = session.scalars(select(Turn).join(Conversation).where(own)).one()
    browser.follow(browser.post(f"tutor/turns/{turn.id}/feedback", {"value": value, "comment": comment}))
    return turn


def test_a_thumb_is_kept_once_and_the_latest_counts(session: Session, enter: Enter) -> None:
    student = enter("student")
    assert ask(student).select_one("li [data-thumb='1']")["aria-pressed"] == "false"
    for value, up, down in (("1", "true", "false"), ("-1", "false", "true"), ("0", "false", "false")):
        rate(student, session, value)
        thumbs = student.page("tutor/").select("li[data-turn] [data-thumb]")
        assert [thumb["aria-pressed"] for thumb in thumbs] == [up, down]


def test_pressing_a_given_thumb_again_takes_it_back(session: Session, enter: Enter) -> None:
    student = enter("student")
    ask(student)
    rate(student, session, "1")
    assert student.page("tutor/").select_one("li [data-thumb='1']")["value"] == "0"


def test_a_comment_explains_a_thumb_down_and_goes_with_it(session: Session, enter: Enter) -> None:
    student = enter("student")
    ask(student)
    assert rate(student, session, "-1", "Too short").rating_comment == "Too short"
    assert rate(student, session, "1", "Too short").rating_comment == ""


def test_the_script_gets_json(session: Session, enter: Enter) -> None:
    student = enter("student")
    ask(student)
    turn = session.scalars(select(Turn)).one()
    assert student.post(f"tutor/turns/{turn.id}/feedback", {"value": "1"}, headers=JSON).json == {"value": 1}


@pytest.mark.parametrize("value", ["2", "-7"])
def test_other_values_are_refused(session: Session, enter: Enter, value: str) -> None:
    student = enter("student")
    ask(student)
    turn = session.scalars(select(Turn)).one()
    assert student.post(f"tutor/turns/{turn.id}/feedback", {"value": value}).status_code == 400


@pytest.mark.parametrize("stranger", ["teacher", "other_student", "outsider"])
def test_nobody_rates_anothers_answer(session: Session, enter: Enter, stranger: str) -> None:
    ask(enter("student"))
    turn = session.scalars(select(Turn)).one()
    assert enter(stranger).post(f"tutor/turns/{turn.id}/feedback", {"value": "1"}).status_code == 404


def test_feedback_is_an_event_with_its_value(session: Session, enter: Enter) -> None:
    student = enter("student")
    ask(student)
    rate(student, session, "-1", "Secret words")
    event = session.scalars(select(Event).where(Event.kind == "feedback_given")).one()
    assert event.details["value"] == -1 and "Secret" not in str(event.details)
