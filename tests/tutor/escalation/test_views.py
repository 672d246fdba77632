"""A question that the course does not answer goes to a teacher, once, and its answer comes back to whoever asked."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.activity.models import Event
from lti_tool.content.indexing import index_source
from lti_tool.content.models import Source
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.site_settings.chat import ENABLE_ESCALATION
from lti_tool.site_settings.store import write
from lti_tool.tutor.conversations import get_or_start
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Turn
from lti_tool.tutor.views import NODE
from tests.fixtures.people import Browser, Enter, House
from tests.tutor.test_views import ask

pytestmark = pytest.mark.usefixtures("material")
CHESS = "Who won the chess championship?"


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture
def teacher(enter: Enter) -> Browser:
    return enter("teacher")


def escalate(browser: Browser, text: str = CHESS) -> BeautifulSoup:
    """Ask the tutor, which does not know, and send the form below."""
    form = ask(browser, text).select("li[data-turn] [data-part=ask-teachers]")[-1]
    return browser.follow(browser.post(form["action"].split("/", 3)[3], {"text": text}))


def answer(teacher: Browser, text: str = "It was **Ding**.", **fields: str) -> BeautifulSoup:
    form = teacher.page("questions").select_one("form[action$=answer]")
    return teacher.follow(teacher.post(form["action"].split("/", 3)[3], {"text": text, **fields}))


def test_a_question_waits_once_however_often_it_is_sent(session: Session, enter: Enter, teacher: Browser) -> None:
    student = enter("student")
    assert "with your teachers" in escalate(student).select_one("[data-part=after]").text
    turn = session.scalars(select(Turn)).one()
    student.post(f"questions/ask/{turn.id}", {"text": "Something else"})
    page = teacher.page("questions")
    assert [title.text for title in page.select("article h3")] == [CHESS]
    assert page.select_one(".lectern-tabs .badge").text == "1"
    assert "Canary" not in page.select_one("article").text


def test_the_same_words_of_two_students_are_one_question_with_one_answer(enter: Enter, teacher: Browser) -> None:
    first, second = enter("student"), enter("other_student")
    escalate(first)
    escalate(second, "who won the CHESS championships??")
    assert "Asked by 2 students" in teacher.page("questions").text
    answer(teacher)
    for student in (first, second):
        page = student.page("tutor/")
        assert "A teacher has answered you" in page.text
        shown = page.select_one(".tutor-teacher")
        assert "Answer by Teacher Canary" in shown.text and shown.select_one("strong").text == "Ding"


def test_an_answer_is_new_once(enter: Enter, teacher: Browser) -> None:
    student = enter("student")
    escalate(student)
    answer(teacher)
    assert student.page("tutor/").select(".badge")
    assert not student.page("tutor/").select(".badge")


def test_an_answer_to_a_conversation_put_aside_is_told_on_the_tutors_page(enter: Enter, teacher: Browser) -> None:
    student = enter("student")
    escalate(student)
    student.post("tutor/conversations")
    answer(teacher)
    link = student.page("tutor/").select_one(".alert-info a")
    assert "Ding" in student.page(link["href"].split("/", 3)[3].split("#")[0]).text


def test_who_asks_what_was_answered_gets_the_answer_at_once(enter: Enter, teacher: Browser) -> None:
    escalate(enter("student"))
    answer(teacher)
    assert "Ding" in escalate(enter("other_student")).select_one(".tutor-teacher").text
    assert "No question waits" in teacher.page("questions").text


def test_an_answer_becomes_material_that_names_its_author_and_is_cited(
    session: Session, runtime: Runtime, enter: Enter, teacher: Browser
) -> None:
    escalate(enter("student"))
    answer(teacher, "Ding Liren won the chess championship in 2023.", material="yes")
    source = session.scalars(select(Source).where(Source.key == "Who won the chess championship.md")).one()
    assert index_source(runtime.engine, FileStore.of(runtime.settings), source.id)
    page = ask(enter("other_student"), CHESS)
    assert page.select_one(".tutor-sources summary").text.strip().endswith(f"] {CHESS}")
    assert "Answered by Teacher Canary" in page.select_one(".tutor-sources blockquote").text


def test_a_correction_is_seen_as_new_and_renews_the_source(session: Session, enter: Enter, teacher: Browser) -> None:
    student = enter("student")
    escalate(student)
    answer(teacher, "Carlsen.", material="yes")
    student.page("tutor/")
    answer(teacher, "No: Ding.")
    assert "No: Ding." in student.page("tutor/").select_one(".tutor-teacher").text
    assert student.page("tutor/").select(".tutor-teacher")
    assert session.scalar(select(func.count()).select_from(Source).where(Source.title.startswith("Who won"))) == 1


def test_a_question_answered_without_material_is_added_later_with_one_click(session: Session, enter: Enter) -> None:
    escalate(enter("student"))
    teacher = enter("teacher")
    button = answer(teacher).select_one("form[action$=material]")
    page = teacher.follow(teacher.post(button["action"].split("/", 3)[3]))
    assert "In the course material" in page.text and not page.select("form[action$=material]")


def test_an_assistant_answers_but_does_not_change_the_material(session: Session, enter: Enter) -> None:
    escalate(enter("student"))
    assistant = enter("non_editing_teacher")
    assert not assistant.page("questions").select("[name=material]")
    answer(assistant, material="yes")
    escalation = session.scalars(select(Escalation)).one()
    assert (escalation.state, escalation.source_id) == ("answered", None)
    assert assistant.post(f"questions/{escalation.id}/material").status_code == 403


def test_alike_questions_are_joined_by_the_teacher(session: Session, enter: Enter, teacher: Browser) -> None:
    escalate(enter("student"))
    escalate(enter("other_student"), "Who won the chess championship last year?")
    join = teacher.page("questions").select_one("form[action*=join]")
    page = teacher.follow(teacher.post(join["action"].split("/", 3)[3]))
    assert len(page.select("article")) == 1 and "Asked by 2 students" in page.text


def test_a_closed_question_is_told_to_who_asked(session: Session, enter: Enter, teacher: Browser) -> None:
    student = enter("student")
    escalate(student)
    teacher.post(f"questions/{session.scalars(select(Escalation.id)).one()}/close")
    assert "closed this question" in student.page("tutor/").text
    assert "No question waits" in teacher.page("questions").text


def test_a_question_whose_conversation_was_deleted_leaves_the_queue(
    session: Session, enter: Enter, teacher: Browser
) -> None:
    student = enter("student")
    escalate(student)
    student.post("tutor/conversations")
    student.post(f"tutor/conversations/{session.scalars(select(Turn.conversation_id)).one()}/delete")
    page = teacher.page("questions")
    assert "No question waits" in page.text and not page.select(".lectern-tabs .badge")


@pytest.mark.parametrize("stranger", ["other_student", "outsider"])
def test_nobody_else_reaches_a_question(session: Session, enter: Enter, stranger: str) -> None:
    escalate(enter("student"))
    escalation, other = session.scalars(select(Escalation.id)).one(), enter(stranger)
    turn = session.scalars(select(EscalationAsker.turn_id)).one()
    assert other.post(f"questions/ask/{turn}", {"text": CHESS}).status_code == 404
    for path in ("answer", "close", "material"):
        assert other.post(f"questions/{escalation}/{path}", {"text": "x"}).status_code in {403, 404}
    assert CHESS not in other.get("questions").text


def test_a_course_can_switch_it_off(session: Session, house: House, enter: Enter) -> None:
    write(session, ENABLE_ESCALATION, False, course_id=house.course.id)
    student = enter("student")
    assert not ask(student, CHESS).select("li[data-turn] [data-part=ask-teachers]")
    turn = session.scalars(select(Turn)).one()
    assert "switched off" in student.follow(student.post(f"questions/ask/{turn.id}", {"text": CHESS})).text


def test_a_teacher_is_not_sent_to_a_teacher(enter: Enter) -> None:
    assert not ask(enter("teacher"), CHESS).select("li[data-turn] [data-part=ask-teachers]")


def test_nobody_fills_the_queue_alone(session: Session, enter: Enter) -> None:
    student = enter("student")
    for number in range(11):
        turn = Turn(
            conversation_id=_conversation(session, student),
            position=number + 1,
            client_key=f"key-{number:08}",
            question=f"Question {number}?",
            state="succeeded",
            outcome="refusal",
        )
        session.add(turn)
        session.flush()
        page = student.follow(student.post(f"questions/ask/{turn.id}", {"text": turn.question}))
    assert "wait for a teacher already" in page.text
    assert session.scalar(select(func.count()).select_from(Escalation)) == 10


def test_a_question_is_an_event_without_its_words(session: Session, enter: Enter, teacher: Browser) -> None:
    escalate(enter("student"))
    answer(teacher)
    kinds = ["question_escalated", "escalation_answered"]
    told = select(Event.kind).where(Event.kind.in_(kinds)).order_by(Event.id)
    assert session.scalars(told).all() == kinds


def _conversation(session: Session, student: Browser) -> object:
    return get_or_start(session, student.viewer).id


def test_the_queue_belongs_to_the_course_wherever_it_is_opened(enter: Enter) -> None:
    escalate(enter("student"))
    assert "Questions" in enter("teacher", PlacementKind.DASHBOARD).page("questions").select_one(".nav-tabs").text
