"""The tutor without scripts: forms, pages, and nothing of anybody else."""

from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import CapabilityOverride
from lti_tool.content.models import Source
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import BURST_LIMIT, DAILY_LIMIT, EMBEDDING_DEPLOYMENT, SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.look import HEADER_TITLE
from lti_tool.site_settings.store import write
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Conversation, NoticeAcceptance, Turn
from lti_tool.tutor.views import NODE
from tests.fakes.model_server import ModelServer, Reply
from tests.fixtures.people import Browser, Enter, House
from tests.llm.conftest import configure
from tests.tutor.conftest import add_material

pytestmark = pytest.mark.usefixtures("material")
OSMOSIS = "What is osmosis?"
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> TutorNode:
    """Turns end before the form's answer goes out: the test's connection is for one thread."""
    node = TutorNode(runtime, in_background=False)
    app.extensions[NODE] = node
    return node


@pytest.fixture
def student(enter: Enter) -> Browser:
    return enter("student")


@pytest.fixture
def model(session: Session, runtime: Runtime) -> ModelServer:
    with ModelServer() as server:
        configure(runtime.engine, runtime.secrets, server.url)
        write(session, EMBEDDING_DEPLOYMENT, "")
        yield server


def ask(browser: Browser, text: str = OSMOSIS) -> BeautifulSoup:
    """Type a question into the form of the page and follow to the page with the answer."""
    form = browser.page("tutor/").find("form", attrs={"data-part": "composer"})
    key = form.find("input", attrs={"name": "key"})["value"]
    return browser.follow(browser.post("tutor/questions", {"key": key, "text": text}))


def parts(page: BeautifulSoup, name: str) -> list[str]:
    found = page.select(f".tutor-turns > li [data-part={name}]:not([hidden])")
    return [" ".join(part.get_text(" ").split()) for part in found]


def test_before_the_first_question_the_page_says_what_it_knows(student: Browser) -> None:
    page = student.page("tutor/")
    card = " ".join(page.select_one(".tutor-card").get_text().split())
    assert "2 sources" in card and "3 passages" in card
    assert len(page.select("form[data-part=opening]")) == 3


def test_an_opening_question_is_asked_by_its_button(student: Browser) -> None:
    button = student.page("tutor/").select_one("form[data-part=opening] button")
    key = button.find_previous("input", attrs={"name": "key"})["value"]
    page = student.follow(student.post("tutor/questions", {"key": key, "text": button["value"]}))
    assert parts(page, "question") == [button["value"]]


def test_without_material_the_page_says_so(session: Session, enter: Enter) -> None:
    assert "no course material yet" in enter("outsider").page("tutor/").text


def test_a_form_post_leads_to_the_page_with_the_answer(student: Browser, model: ModelServer) -> None:
    model.reply(Reply(text="It is **movement** [1]."))
    page = ask(student)
    assert parts(page, "question") == [OSMOSIS]
    assert page.select_one("[data-part=blocks] strong").text == "movement"
    link = page.select_one("a.citation")
    assert page.find(id=link["href"][1:]).select_one("blockquote").text.startswith("Osmosis is the movement")


def test_without_a_model_the_passages_are_shown_as_quotations(student: Browser) -> None:
    page = ask(student)
    assert "quotations" in parts(page, "note")[0]
    assert page.select_one(".tutor-sources details[open] blockquote").text.startswith("Osmosis is the movement")


def test_a_citation_opens_the_passage(student: Browser) -> None:
    link = ask(student).select_one(".tutor-sources a")
    response = student.client.get(link["href"], base_url="http://127.0.0.1:8000")
    assert response.status_code == 200 and "movement of water" in response.text
    assert "Back to the conversation" in response.text


def test_a_citation_of_a_course_page_leads_there(student: Browser, session: Session) -> None:
    page = "https://moodle.example/mod/page/view.php?id=4"
    session.execute(update(Source).where(Source.title == "Cells.pdf").values(url=page))
    links = ask(student).select("li[data-turn] [data-part=course-link]")
    assert {link["href"] for link in links} == {page}


def test_what_the_course_does_not_say_is_said(student: Browser) -> None:
    assert "does not say" in parts(ask(student, "Who won the chess championship?"), "note")[0]


def test_an_answer_that_names_no_passage_says_so(student: Browser, model: ModelServer) -> None:
    model.reply(Reply(text="It just is."))
    assert "names no passage" in parts(ask(student), "note")[0]


def test_a_failure_is_said_and_the_form_tries_again(student: Browser, model: ModelServer) -> None:
    model.reply(Reply(status=401), Reply(text="Water moves [1]."))
    page = ask(student)
    assert "question is kept" in parts(page, "error")[0]
    assert "word for word" in parts(page, "note")[0]
    assert page.select_one(".tutor-turns details[open] blockquote").text
    retry = page.select_one(".tutor-turns form[data-part=retry]:not([hidden])")
    page = student.follow(student.post(retry["action"].partition(f"{student.launch_id}/")[2]))
    assert (parts(page, "error"), parts(page, "note"), parts(page, "blocks")) == ([], [], ["Water moves [1] ."])


def test_what_a_model_writes_is_not_live(student: Browser, model: ModelServer) -> None:
    model.reply(Reply(text="<script>alert(1)</script> [x](javascript:alert(1)) [1]"))
    page = ask(student)
    assert "<script>alert(1)</script>" in page.select_one("[data-part=blocks]").text


def test_a_reload_after_the_form_does_not_ask_twice(session: Session, student: Browser) -> None:
    key = str(uuid4())
    for _ in range(2):
        student.post("tutor/questions", {"key": key, "text": OSMOSIS})
    assert session.scalar(select(func.count()).select_from(Turn)) == 1


def test_a_refused_question_stays_in_the_form(session: Session, student: Browser) -> None:
    write(session, BURST_LIMIT, 1)
    ask(student)
    response = student.post("tutor/questions", {"key": str(uuid4()), "text": "And diffusion?"})
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 403
    assert page.find(id="question").text == "And diffusion?"
    assert "Wait a minute" in page.select_one("[role=alert]").text


def test_what_is_left_of_the_day_is_shown_where_there_is_a_limit(session: Session, student: Browser) -> None:
    write(session, DAILY_LIMIT, 0)
    assert "left today" not in student.page("tutor/").select_one(".tutor-help").text
    write(session, DAILY_LIMIT, 3)
    assert "Questions left today: 2." in ask(student).select_one(".tutor-help").text


def test_a_running_answer_reloads_the_page_where_there_are_no_scripts(session: Session, student: Browser) -> None:
    ask(student)
    lease = func.now() + func.make_interval(0, 0, 0, 0, 1)
    session.execute(update(Turn).values(state="doing", node="n", outcome=None, lease_until=lease))
    session.expire_all()
    page = student.page("tutor/?look=4")
    assert page.select_one("noscript meta[http-equiv=refresh]")["content"].endswith("/tutor/?look=5#turn-1")
    assert page.select_one(".tutor-turns form[data-part=stop]:not([hidden])")


def test_stopping_by_the_form_is_stored(session: Session, student: Browser) -> None:
    ask(student)
    lease = func.now() + func.make_interval(0, 0, 0, 0, 1)
    session.execute(update(Turn).values(state="doing", node="n", outcome=None, lease_until=lease))
    turn = session.scalars(select(Turn)).one()
    student.post(f"tutor/turns/{turn.id}/stop")
    assert session.scalars(select(Turn.is_stopping)).one()


def test_the_notice_comes_first_and_is_accepted_once(session: Session, student: Browser) -> None:
    write(session, SHOW_PRIVACY_NOTICE, True)
    page = student.page("tutor/")
    assert page.find("form", attrs={"data-part": "composer"}) is None
    version = page.find("input", attrs={"name": "version"})["value"]
    for _ in range(2):
        page = student.follow(student.post("tutor/notice", {"version": version}))
    assert page.find("form", attrs={"data-part": "composer"})
    assert session.scalar(select(func.count()).select_from(NoticeAcceptance)) == 1


def test_a_new_thread_goes_to_the_history_where_it_can_be_read_and_deleted(session: Session, student: Browser) -> None:
    ask(student)
    page = student.follow(student.post("tutor/conversations"))
    assert parts(page, "question") == []
    link = student.page("tutor/conversations").select_one("tbody a")
    assert link.text == OSMOSIS
    path = link["href"].partition(f"{student.launch_id}/")[2]
    assert parts(student.page(path), "question") == [OSMOSIS]
    assert "none yet" in student.follow(student.post(f"{path}/delete")).text
    assert session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_asking_again_and_again_gets_the_rest_where_sockets_are_blocked(student: Browser) -> None:
    sent = student.post("tutor/questions", {"key": str(uuid4()), "text": OSMOSIS}, headers=JSON)
    assert (sent.status_code, [event["type"] for event in sent.json["events"]]) == (202, ["accepted"])
    rest = student.get(f"tutor/turns/{sent.json['turn']}/frames?after=1", headers=JSON).json["events"]
    assert [(event["type"], event["seq"]) for event in rest] == [("citations", 2), ("done", 3)]
    assert "/material/passages/" in rest[0]["citations"][0]["url"]


def test_a_refusal_for_the_script_is_json_with_a_sentence(session: Session, student: Browser) -> None:
    answer = student.post("tutor/questions", {"key": str(uuid4()), "text": " "}, headers=JSON)
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "question_empty", "message": "Write a question first."},
    )


@pytest.mark.parametrize("stranger", ["teacher", "other_student", "outsider"])
def test_nobody_else_reaches_a_conversation(session: Session, enter: Enter, student: Browser, stranger: str) -> None:
    ask(student)
    turn = session.scalars(select(Turn)).one()
    other = enter(stranger)
    assert OSMOSIS not in other.page("tutor/").text
    for path in (f"tutor/turns/{turn.id}/frames", f"tutor/conversations/{turn.conversation_id}"):
        assert other.get(path).status_code == 404
    for path in (
        f"tutor/turns/{turn.id}/stop",
        f"tutor/turns/{turn.id}/retry",
        f"tutor/conversations/{turn.conversation_id}/delete",
    ):
        assert other.post(path).status_code == 404


def test_a_role_that_may_not_use_the_tutor_sees_nothing(session: Session, house: House, enter: Enter) -> None:
    session.add(
        CapabilityOverride(course_id=house.course.id, role="student", capability=Capability.USE, is_allowed=False)
    )
    session.flush()
    assert enter("student").get("tutor/").status_code == 403


def test_the_course_gives_the_tutor_its_name(session: Session, house: House, student: Browser) -> None:
    assert student.page("tutor/").h1.text == "Course Assistant"
    write(session, HEADER_TITLE, "Botany helper", course_id=house.course.id)
    assert student.page("tutor/").h1.text == "Botany helper"


def test_material_hidden_from_students_is_not_counted_for_them(session: Session, house: House, enter: Enter) -> None:
    add_material(session, house.course.id, {"Exam.pdf": ["Secret answers."]}, is_visible=False)
    assert "2 sources" in enter("student").page("tutor/").text
    assert "3 sources" in enter("teacher").page("tutor/").text
