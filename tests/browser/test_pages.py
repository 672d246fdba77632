"""Every page in a real browser: axe, narrow windows, headings, the keyboard; and that no page is left out."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Response, expect
from werkzeug.routing import MapAdapter

from lti_tool.accounts.models import PlacementKind
from tests.browser.campus import Campus
from tests.browser.checks import NARROW, WIDE, check_page, scripts_have_run
from tests.browser.pages import NOT_PAGES, NOT_SITE_PAGES, QUESTION, SITE_PAGES, TOOL_PAGES, Visit
from tests.browser.person import Person
from tests.browser.world import World

Insider = Callable[[str], Person]


@pytest.fixture(scope="module")
def insider(campus: Campus, chromium: Browser) -> Iterator[Insider]:
    """One browser a person for all visits, and one launch for all pages that it opens; colours do not fade there."""
    people: dict[str, Person] = {}

    def known(username: str) -> Person:
        if username not in people:
            people[username] = Person(campus, chromium.new_context(reduced_motion="reduce"), username)
        people[username].page.set_viewport_size(WIDE)
        return people[username]

    yield known
    for person in people.values():
        person.context.close()
        assert person.complaints == []


@pytest.mark.parametrize("visit", TOOL_PAGES, ids=str)
def test_a_page_of_the_tool(visit: Visit, insider: Insider, campus: Campus, world: World) -> None:
    person = insider(visit.who)
    answer = visited(person, visit, world)
    assert endpoint_of(answer, campus.app) == visit.endpoint
    check_page(person.page, visit.main_action)


@pytest.mark.parametrize("visit", SITE_PAGES, ids=str)
def test_a_page_of_the_course_site(visit: Visit, insider: Insider, campus: Campus, world: World) -> None:
    person = insider(visit.who)
    answer = visited(person, visit, world)
    assert endpoint_of(answer, campus.platform.site) == visit.endpoint
    check_page(person.page, visit.main_action)


@pytest.mark.parametrize(
    ("visits", "others", "site"), [(TOOL_PAGES, NOT_PAGES, False), (SITE_PAGES, NOT_SITE_PAGES, True)]
)
def test_every_page_is_visited(visits: tuple[Visit, ...], others: dict[str, str], site: bool, campus: Campus) -> None:
    app = campus.platform.site if site else campus.app
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert known == {visit.endpoint for visit in visits if visit.press == ""} | others.keys()


def test_what_an_address_points_to_lies_below_the_tabs(insider: Insider, campus: Campus) -> None:
    teacher = insider("teresa")
    page, address = teacher.page, teacher.launched(f"/activity/{campus.activity_id(PlacementKind.TUTOR)}/launch")
    page.set_viewport_size(NARROW)
    page.goto(f"{address}/material")
    page.fill(*QUESTION)
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.get_by_text("Passages, best first")).to_be_attached()
    scripts_have_run(page)
    tabs, heading = (page.locator(one).bounding_box() for one in (".lectern-tabs", "#try-heading"))
    assert tabs is not None and heading is not None
    assert tabs["y"] + tabs["height"] <= heading["y"] < NARROW["height"]


def visited(person: Person, visit: Visit, world: World) -> Response:
    """Go there; the answer that the browser shows."""
    names = world.names(visit.kind)
    base = person.launched(visit.launch.format(**names)) if visit.launch else ""
    address = base + visit.path.format(**names) if visit.path else person.page.url
    answer = person.page.goto(address)
    if visit.press:
        person.page.fill(*visit.fill)
        with person.page.expect_navigation() as navigation:
            person.page.click(visit.press)
        answer = navigation.value
    assert answer is not None and answer.status == visit.status
    return answer


def endpoint_of(answer: Response, app: Flask) -> str:
    adapter: MapAdapter = app.url_map.bind("localhost")
    endpoint, _ = adapter.match(urlsplit(answer.url).path, answer.request.method)
    return str(endpoint)
