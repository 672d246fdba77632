"""The round button on pages as Moodle makes them: where it shows, how it opens, and what it says to the tutor."""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect
from sqlalchemy import delete, select
from werkzeug import Response

from lti_tool.accounts.models import Course, Placement, PlacementKind, ResourceLink
from lti_tool.button.script import NEWEST, integrity_of
from lti_tool.content.items import ItemKind, Origin
from lti_tool.content.models import Source
from lti_tool.db import transaction
from lti_tool.lti.models import Platform
from tests.browser.campus import Campus
from tests.browser.checks import AXE, NARROW, PHONE, WIDE, scripts_have_run, violations
from tests.browser.conftest import Someone
from tests.browser.person import Person
from tests.fakes.model_server import Reply
from tests.tutor.conftest import add_material

PAGE = 4100
ON_A_PAGE = f'id="page-mod-page-view" class="pagelayout-incourse course-1 cmid-{PAGE}"'
HOST = """<!doctype html><html lang="en" dir="{direction}"><head><title>Gas laws</title>
<style>* {{ color: #b00; }} button {{ display: none !important; }} section {{ position: absolute; left: -9em; }}</style>
</head><body {body}><main><h1>Gas laws</h1><a href="#">A link</a></main>
<script>var M = {{ cfg: {{ wwwroot: "{site}", courseId: {course}, siteId: 99 }} }};</script>
<script src="{tool}/button/{version}.js" integrity="{integrity}" crossorigin="anonymous"
  data-platform="{platform}" async></script></body></html>"""
"""Moodle's names of things (lib/pagelib.php, page_requirements_manager.php), and styles that would ruin the button."""

OpenPage = Callable[..., Page]


@pytest.fixture
def hosted(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The page at /host-page, truly served: browsers do not let an invented one load anything from this machine."""
    site, shown = campus.platform.site.wsgi_app, {"page": ""}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/host-page":
            return site(environ, start_response)
        return Response(shown["page"], mimetype="text/html")(environ, start_response)

    monkeypatch.setattr(campus.platform.site, "wsgi_app", answer)
    return shown


@pytest.fixture
def page_of(campus: Campus, someone: Someone, hosted: dict[str, str]) -> OpenPage:
    """page_of(body, course=1, direction="ltr"): a page as Amira sees it; a teacher has opened the course's tutor."""
    someone("teresa").open(PlacementKind.TUTOR).locator("#question").wait_for()
    amira: Person = someone("amira", reduced_motion="reduce")
    with transaction(campus.runtime.engine) as session:
        platform = session.scalars(select(Platform.id).where(Platform.issuer == campus.platform.url)).one()

    def show(body: str = ON_A_PAGE, *, course: int = 1, direction: str = "ltr") -> Page:
        hosted["page"] = HOST.format(
            body=body,
            direction=direction,
            course=course,
            site=campus.platform.url,
            tool=campus.tool_url,
            platform=platform,
            version=NEWEST,
            integrity=integrity_of(NEWEST),
        )
        amira.page.goto(amira.site("/host-page"), wait_until="networkidle")
        return amira.page

    return show


@pytest.fixture
def gas_laws(campus: Campus) -> None:
    """A page of Moodle's that the tutor has read."""
    with transaction(campus.runtime.engine) as session:
        course = session.scalars(select(Course.id).where(Course.context_id == "1")).one()
        session.execute(delete(Source).where(Source.key == f"page:{PAGE}"))
        add_material(session, course, {"Gas laws": ["Boyle found that pressure times volume stays the same."]})
        source = session.scalars(select(Source).where(Source.course_id == course, Source.title == "Gas laws")).one()
        source.origin, source.key, source.kind, source.url = Origin.MOODLE, f"page:{PAGE}", ItemKind.PAGE, "http://x/"


def opener(page: Page) -> Locator:
    return page.get_by_role("button", name="Open Course Assistant")


def tutor_in(page: Page) -> FrameLocator:
    return page.frame_locator("lectern-button iframe")


def test_the_drawer_opens_on_click_alone_and_gives_the_focus_back(page_of: OpenPage) -> None:
    page = page_of()
    expect(opener(page)).to_have_attribute("aria-expanded", "false")
    assert len(page.frames) == 1, "nothing is launched before somebody asks for it"
    opener(page).focus()
    # Before the tutor has heard around which page it is, and from whom, it does not know whose drawer to close.
    with page.expect_response(lambda answer: f"cmid={PAGE}" in answer.url):
        page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Course Assistant")
    expect(drawer).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    expect(tutor_in(page).locator("#question")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener(page)).to_be_focused()
    opener(page).click()
    scripts_have_run(tutor_in(page))
    tutor_in(page).locator("#question").press("Escape")
    expect(drawer).to_be_hidden()
    opener(page).click()
    page.get_by_role("button", name="Close").click()
    expect(drawer).to_be_hidden()
    assert len(page.frames) == 2, "it is launched once a page"


def test_the_button_keeps_what_every_page_keeps(page_of: OpenPage) -> None:
    page = page_of()
    page.evaluate(AXE)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert violations(page) == []
        opener(page).click()
        tutor_in(page).locator("#question").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Close").click()


def test_on_a_phone_the_drawer_is_all_there_is(page_of: OpenPage) -> None:
    page = page_of()
    page.set_viewport_size(NARROW)
    opener(page).click()
    drawer, rest = page.get_by_role("dialog"), page.locator("main")
    expect(drawer).to_be_visible()
    box = drawer.bounding_box()
    assert box is not None and (box["x"], box["width"]) == (0, NARROW["width"])
    expect(rest).to_have_js_property("inert", True)
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rest).to_have_js_property("inert", False)


def test_where_one_reads_from_the_right_it_stands_on_the_left(page_of: OpenPage) -> None:
    button = opener(page_of(direction="rtl"))
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None and box["x"] < 100


NOWHERE = {
    "an attempt": 'id="page-mod-quiz-attempt" class="pagelayout-incourse"',
    "its summary": 'id="page-mod-quiz-summary" class="pagelayout-incourse"',
    "its start": 'id="page-mod-quiz-startattempt" class="pagelayout-incourse"',
    "a secure window": 'id="page-mod-quiz-view" class="pagelayout-secure"',
    "an embedded page": 'id="page-mod-page-view" class="pagelayout-embedded"',
    "a small window": 'id="page-mod-page-view" class="pagelayout-popup"',
    "a stranger": 'id="page-course-view-topics" class="pagelayout-course notloggedin"',
    "the door of the course": 'id="page-enrol-index" class="pagelayout-incourse"',
}


def test_the_button_stays_away(page_of: OpenPage, campus: Campus) -> None:
    with transaction(campus.runtime.engine) as session:
        own = session.scalars(
            select(ResourceLink.course_module).join(Placement).where(Placement.kind == PlacementKind.TUTOR)
        ).first()
    assert own is not None
    places = NOWHERE | {"the tutor itself": f'id="page-mod-lti-view" class="pagelayout-incourse cmid-{own}"'}
    for place, body in places.items():
        assert page_of(body).locator("lectern-button").count() == 0, place
    for course in (0, 99, 12345):
        assert page_of(course=course).locator("lectern-button").count() == 0, course
    expect(opener(page_of())).to_be_visible()


@pytest.mark.usefixtures("gas_laws")
def test_a_question_is_about_the_page_around_the_drawer(page_of: OpenPage, campus: Campus) -> None:
    campus.model.reply(Reply(text="Pressure times volume stays the same [1].", is_streamed=True))
    page = page_of()
    opener(page).click()
    tutor = tutor_in(page)
    chip = tutor.locator('[data-part="page"]')
    expect(chip).to_contain_text("About this page: Gas laws")
    tutor.locator("#question").fill("What did Boyle find?")
    tutor.get_by_role("button", name="Send").click()
    expect(tutor.locator('[data-part="answer"][aria-busy="false"]').last).to_contain_text("stays the same")
    assert "page that the student has open" in campus.model.wire
    chip.get_by_role("button", name="Ask without it").click()
    expect(chip).to_be_hidden()
    page.evaluate("""() => document.querySelector("lectern-button").shadowRoot.querySelector("iframe")
      .contentWindow.postMessage({ type: "lectern.page", cmid: 4100 }, "*")""")
    expect(chip).to_be_visible()


@pytest.mark.usefixtures("gas_laws")
def test_no_other_site_says_what_page_is_open(page_of: OpenPage, campus: Campus) -> None:
    """The tutor listens to the site that the launch came from; a window that it did not come from is not its parent."""
    page = page_of('id="page-course-view-topics" class="pagelayout-course"')
    opener(page).click()
    tutor = tutor_in(page)
    tutor.locator("#question").wait_for()
    tutor.locator("body").evaluate(f"() => window.postMessage({{ type: 'lectern.page', cmid: {PAGE} }}, '*')")
    page.wait_for_load_state("networkidle")
    expect(tutor.locator('[data-part="page"]')).to_be_hidden()
