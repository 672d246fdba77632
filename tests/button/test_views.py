"""What the button's script may learn on a page of a course, and who else may not."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.accounts.models import Course, PlacementKind
from lti_tool.button.script import NEWEST, integrity_of, script_of
from lti_tool.lti.models import Deployment, Platform, Registration, RegistrationStatus
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.look import BOT_AVATAR, HEADER_TITLE, PRIMARY_COLOUR
from lti_tool.site_settings.store import write
from lti_tool.site_settings.switches import SWITCHES, Feature
from tests.fixtures.people import Enter, House

ORIGIN = "http://platform.test"
RELEASED = {1: "sha384-VWrVWyPTe12JQCjIgAlEWdIlAv1iBY+ZA/E/xrtp11vuU24YERz3H7z9PN93PQ9F"}
"""Moodles out there name these: a script that was released is never changed, it gets a successor."""


@pytest.fixture(autouse=True)
def known(session: Session, house: House) -> None:
    """The course's tutor has been opened by its teacher, and the tool is switched on."""
    house.links[PlacementKind.TUTOR].course_module = 41
    write(session, ENABLED, True)


def ask(app: Flask, house: House, course: str = "2", *, platform: int | None = None, **options: Any) -> TestResponse:
    address = f"/button/{platform or house.platform.id}/{course}"
    return app.test_client().get(address, **({"headers": {"Origin": ORIGIN}} | options))


def test_a_page_of_a_course_learns_where_its_tutor_is(app: Flask, house: House) -> None:
    answer = ask(app, house)
    assert answer.json == {
        "cmid": 41,
        "title": "Course Assistant",
        "colour": "#4f46e5",
        "text": "#ffffff",
        "avatar": None,
        "words": {"open": "Open Course Assistant", "close": "Close"},
    }
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Cache-Control"] == "public, max-age=60" and "Origin" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


def test_the_button_looks_as_the_tool_does(app: Flask, session: Session, house: House) -> None:
    write(session, PRIMARY_COLOUR, "#ffd700")
    write(session, BOT_AVATAR, "0" * 64)
    write(session, HEADER_TITLE, "Professor <b>", course_id=house.course.id)
    answer = ask(app, house).json
    assert answer is not None
    assert (answer["colour"], answer["text"], answer["title"]) == ("#ffd700", "#000000", "Professor <b>")
    assert answer["avatar"] == f"http://127.0.0.1:8000/avatar/{'0' * 64}.webp"


@pytest.mark.parametrize("language", ["it", "de-AT", "root", "../x", "zz", ""])
def test_whatever_language_a_page_names_it_gets_words(app: Flask, house: House, language: str) -> None:
    answer = ask(app, house, query_string={"lang": language})
    assert answer.status_code == 200 and answer.json is not None and answer.json["words"]["close"]


@pytest.mark.parametrize("origin", ["http://evil.test", "null", ""])
def test_no_other_site_can_read_the_answer(app: Flask, house: House, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in ask(app, house, headers={"Origin": origin}).headers


@pytest.mark.parametrize("case", ["enabled", "tutor", "tutor of the course"])
def test_what_is_switched_off_has_no_button(app: Flask, session: Session, house: House, case: str) -> None:
    if case == "enabled":
        write(session, ENABLED, False)
    else:
        course = house.course.id if case == "tutor of the course" else None
        write(session, SWITCHES[Feature.TUTOR], False, course_id=course)
    answer = ask(app, house)
    assert answer.status_code == 404 and answer.json == {}
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_course_without_a_tutor_or_before_its_first_launch_has_no_button(app: Flask, house: House) -> None:
    assert ask(app, house, "3").status_code == 404
    assert ask(app, house, "99").status_code == 404
    assert app.test_client().get(f"/button/{2**63}/2").status_code == 404
    house.links[PlacementKind.TUTOR].course_module = None
    house.links[PlacementKind.ACTIVITY].course_module = 42
    house.session.flush()
    assert ask(app, house).status_code == 404


@pytest.mark.parametrize("what", ["registration", "deployment"])
def test_a_disabled_installation_has_no_button(app: Flask, house: House, what: str) -> None:
    if what == "registration":
        house.registration.status = RegistrationStatus.DISABLED
    else:
        house.deployment.is_active = False
    house.session.flush()
    assert ask(app, house).status_code == 404


def other_moodle(session: Session) -> Platform:
    """It has a course of the same number, without a tutor."""
    platform = Platform(issuer="http://other.test", product_family="moodle")
    registration = Registration(
        platform=platform,
        client_id="client-2",
        authorization_endpoint="http://other.test/auth",
        token_endpoint="http://other.test/token",
        keyset_url="http://other.test/certs",
    )
    deployment = Deployment(registration=registration, deployment_id="1")
    session.add(Course(deployment=deployment, context_id="2"))
    session.flush()
    return platform


def test_one_moodle_learns_nothing_of_the_courses_of_another(app: Flask, session: Session, house: House) -> None:
    other = other_moodle(session)
    foreign = {"Origin": "http://other.test"}
    assert ask(app, house, platform=other.id, headers=foreign).status_code == 404
    assert "Access-Control-Allow-Origin" not in ask(app, house, headers=foreign).headers


def test_the_newest_tutor_of_a_course_is_opened(app: Flask, house: House) -> None:
    newer = house.links[PlacementKind.DASHBOARD]
    newer.placement_id, newer.course_module = house.placements[PlacementKind.TUTOR].id, 77
    house.session.flush()
    answer = ask(app, house).json
    assert answer is not None and answer["cmid"] == 77


def test_the_script_may_be_loaded_and_checked_from_any_page(app: Flask) -> None:
    answer = app.test_client().get(f"/button/{NEWEST}.js")
    assert answer.data == script_of(NEWEST) and answer.mimetype == "text/javascript"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert app.test_client().get("/button/999.js").status_code == 404


def test_released_scripts_are_as_they_were() -> None:
    assert {version: integrity_of(version) for version in RELEASED} == RELEASED and max(RELEASED) == NEWEST


def test_an_administrator_copies_a_line_for_each_moodle(enter: Enter, session: Session, house: House) -> None:
    other = other_moodle(session)
    page = enter("administrator").page("site/button/")
    lines = [area.get_text() for area in page.find_all("textarea")]
    assert len(lines) == 2 and f'data-platform="{other.id}"' in lines[1]
    assert 'src="http://127.0.0.1:8000/button/1.js"' in lines[0] and f'data-platform="{house.platform.id}"' in lines[0]
    assert f'integrity="{integrity_of(NEWEST)}" crossorigin="anonymous"' in lines[0]


def test_only_administrators_see_the_line(enter: Enter) -> None:
    assert enter("teacher").get("site/button/").status_code == 403
