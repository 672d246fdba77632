"""A question about the page that is open around the tutor: what the tutor is given of it, and what it is not."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.content.items import ItemKind, Origin
from lti_tool.content.models import Chunk, Source
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import EMBEDDING_DEPLOYMENT
from lti_tool.site_settings.store import write
from lti_tool.tutor.answering.answer import Plan, background_of, plan_answer
from lti_tool.tutor.asking import ask
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import Turn, TurnState
from lti_tool.tutor.turns import Ending, Growth, claim, finish
from lti_tool.tutor.views import NODE
from tests.fakes.model_server import ModelServer
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.llm.conftest import configure
from tests.tutor.conftest import add_material

KEY = "key-0000000%s"
AddPage = Callable[..., Source]


@pytest.fixture(autouse=True)
def foreground(app: Flask, runtime: Runtime) -> None:
    """Turns end before the form's answer goes out: the test's connection is for one thread."""
    app.extensions[NODE] = TutorNode(runtime, in_background=False)


@pytest.fixture
def add_page(session: Session, material: None) -> AddPage:
    """A page of Moodle's with the number 41, as reading the course leaves it."""

    def add(course: Course, *, is_visible: bool = True) -> Source:
        add_material(session, course.id, {"Roots": ["Roots drink."]}, is_visible=is_visible)
        page = session.scalars(select(Source).where(Source.course_id == course.id, Source.title == "Roots")).one()
        page.origin, page.key, page.kind, page.url = Origin.MOODLE, "page:41", ItemKind.PAGE, "http://platform.test/p"
        session.flush()
        return page

    return add


def test_a_question_from_a_page_is_answered_with_that_page(
    add_page: AddPage, session: Session, house: House, enter: Enter
) -> None:
    source = add_page(house.course)
    enter("student").post("tutor/questions", {"text": "Explain this.", "key": KEY % 1, "page": "41"})
    turn = session.scalars(select(Turn)).one()
    page = background_of(session, turn).page
    assert page is not None and (page.title, page.text, page.source_id) == ("Roots", "Roots drink.", source.id)


@pytest.mark.parametrize("case", ["hidden", "of another course", "never read"])
def test_a_page_that_is_not_for_students_of_the_course_stays_out(
    add_page: AddPage, session: Session, house: House, enter: Enter, case: str
) -> None:
    if case != "never read":
        add_page(house.course if case == "hidden" else house.other_course, is_visible=case != "hidden")
    asked = ask(session, viewer_of(house, "student"), text="Explain.", client_key=KEY % 1, page=41)
    assert background_of(session, asked.turn).page is None
    assert enter("student").get("tutor/page?cmid=41").json == {"title": None}


@pytest.mark.parametrize("sent", ["", "41x", "-41", "9" * 40, "0"])
def test_what_is_no_number_is_no_page(session: Session, material: None, enter: Enter, sent: str) -> None:
    enter("student").post("tutor/questions", {"text": "Explain.", "key": KEY % 1, "page": sent})
    assert session.scalars(select(Turn)).one().course_module is None
    assert enter("student").get(f"tutor/page?cmid={sent}").json == {"title": None}


def test_the_tutor_names_the_page_that_it_knows(add_page: AddPage, house: House, enter: Enter) -> None:
    add_page(house.course)
    assert enter("student").get("tutor/page?cmid=41").json == {"title": "Roots"}


def test_a_question_asked_again_is_about_the_same_page(session: Session, material: None, house: House) -> None:
    viewer = viewer_of(house, "student")
    first = ask(session, viewer, text="Explain.", client_key=KEY % 1, page=41).turn
    claim(session, first.id, "node")
    growth = Growth(turn_id=first.id, text="half", last_frame=first.last_frame, frames=[])
    finish(session, "node", growth, Ending(state=TurnState.CANCELLED))
    again = ask(session, viewer, text="Explain it all.", client_key=KEY % 2, replaces_id=first.id, page=7)
    assert again.turn.course_module == 41


def test_the_page_waits_for_its_course_site_to_speak(material: None, enter: Enter) -> None:
    chip = enter("student").page("tutor/").select_one('[data-part="page"]')
    assert chip is not None and chip.has_attr("hidden")
    assert chip["data-origins"] == "http://platform.test"


def planned(runtime: Runtime, session: Session, house: House, text: str) -> Plan:
    turn = ask(session, viewer_of(house, "student"), text=text, client_key=KEY % 1, page=41).turn
    return plan_answer(runtime, turn, background_of(session, turn), "en")


def test_a_question_that_names_nothing_is_about_the_open_page(
    add_page: AddPage, session: Session, house: House, runtime: Runtime
) -> None:
    source = add_page(house.course)
    with ModelServer() as server:
        configure(runtime.engine, runtime.secrets, server.url)
        write(session, EMBEDDING_DEPLOYMENT, "")
        plan = planned(runtime, session, house, "Explain this to me, please.")
    assert plan.model is not None and "Roots drink." in plan.messages[-1].content
    shown = session.get_one(Chunk, plan.passages[0].chunk_id)
    assert shown.source_id == source.id


def test_the_open_page_comes_before_others_that_its_title_finds(
    add_page: AddPage, session: Session, house: House, runtime: Runtime
) -> None:
    source = add_page(house.course)
    add_material(session, house.course.id, {"Roots, roots and roots": ["Roots of roots: see the roots of all roots."]})
    with ModelServer() as server:
        configure(runtime.engine, runtime.secrets, server.url)
        write(session, EMBEDDING_DEPLOYMENT, "")
        plan = planned(runtime, session, house, "Explain this to me, please.")
    numbers = [session.get_one(Chunk, passage.chunk_id).source_id for passage in plan.passages]
    assert (numbers[0], len(set(numbers))) == (source.id, 2)


def test_without_a_model_nobody_can_say_whether_it_is(
    add_page: AddPage, session: Session, house: House, runtime: Runtime
) -> None:
    add_page(house.course)
    assert planned(runtime, session, house, "Who won the world cup?").passages == ()
