"""Single scripts on a page of nothing but what they look for: what a person did stays, before they come and after."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.campus import Campus

COMES = """name => new Promise((here) => {
  const late = document.createElement("script");
  Object.assign(late, { type: "module", src: `/static/js/${name}`, onload: here });
  document.head.append(late);
})"""
HOURS = '<input type="datetime-local" id="due" name="due" value="{value}" {more}>'
PART = """<input type="checkbox" id="same" value="1"><input type="checkbox" id="other" value="{other}">
  <input id="words"><time datetime="2026-01-02T03:04:05+00:00" data-module="local-time">3:04 UTC</time>"""

CLICKED_TWICE = """button => {
  const sent = [];
  window.addEventListener("submit", (event) => sent.push(!event.defaultPrevented));
  button.click();
  button.click();
  return sent;
}"""

Shown = Callable[[str], Page]


@pytest.fixture
def shown(chromium: Browser, campus: Campus) -> Iterator[Shown]:
    """shown(html) is a page of the tool's with it, whose reader lives in Rome."""
    context = chromium.new_context(timezone_id="Europe/Rome")
    page = context.new_page()

    def show(html: str) -> Page:
        body = f"<!doctype html><html lang='en'><main><form>{html}</form></main>"
        page.route("**/alone", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(f"{campus.tool_url}/alone")
        return page

    yield show
    context.close()


def test_what_is_ticked_and_typed_in_a_part_outlives_its_refreshing(shown: Shown) -> None:
    page = shown(f'<div data-module="refresh" data-url="/part">{PART.format(other=1)}</div>')
    page.route("**/part", lambda route: route.fulfill(body=PART.format(other=2) + "<p>new</p>"))
    for box in ("same", "other"):
        page.locator(f"#{box}").check()
    page.locator("#words").fill("mine")
    page.evaluate(COMES, "refresh.js")
    page.evaluate("() => document.dispatchEvent(new CustomEvent('sources-changed'))")
    expect(page.get_by_text("new")).to_be_visible()
    expect(page.locator("#same")).to_be_checked()
    expect(page.locator("#other")).not_to_be_checked()
    expect(page.locator("#words")).to_have_value("mine")
    expect(page.locator("time")).to_contain_text("4:04")


@pytest.mark.parametrize(("typed", "stands", "sent"), [("", "2026-07-01T12:00", 10), ("2026-07-03T09:00", "", 7)])
def test_a_moment_is_shown_in_the_readers_time_unless_one_is_typed(
    shown: Shown, typed: str, stands: str, sent: int
) -> None:
    more = 'data-module="local-due" data-utc="2026-07-01T10:00:00+00:00"'
    hours = HOURS.format(value="2026-07-01T10:00", more=more)
    page = shown(f'{hours}<input type="hidden" name="due-utc"><span id="due-zone"></span>')
    if typed:
        page.locator("#due").fill(typed)
    page.evaluate(COMES, "local-due.js")
    expect(page.locator("#due")).to_have_value(typed or stands)
    expect(page.locator("#due-zone")).to_have_text("Europe/Rome")
    assert f"T{sent:02}:00:00" in page.locator('[name="due-utc"]').input_value()


@pytest.mark.parametrize(("touched", "zone"), [(False, "Europe/Rome"), (True, "UTC")])
def test_the_readers_zone_is_chosen_unless_a_moment_is_typed_in_another(shown: Shown, touched: bool, zone: str) -> None:
    choice = '<select data-module="own-zone" data-of="due"><option>UTC</option><option>Europe/Rome</option></select>'
    page = shown(HOURS.format(value="", more="") + choice)
    if touched:
        page.locator("#due").fill("2026-07-03T09:00")
    page.evaluate(COMES, "own-zone.js")
    expect(page.locator("select")).to_have_value(zone)
    expect(page.locator("#due")).to_have_value("2026-07-03T09:00" if touched else "")


def test_keys_that_were_switched_off_before_their_script_came_are_off(shown: Shown) -> None:
    page = shown('<div data-module="resolve-keys"><input type="checkbox" id="keys-on" checked></div>')
    page.locator("#keys-on").uncheck()
    page.evaluate(COMES, "resolve-keys.js")
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.reload()
    page.evaluate(COMES, "resolve-keys.js")
    expect(page.locator("#keys-on")).not_to_be_checked()


def test_a_double_click_sends_a_form_once(shown: Shown) -> None:
    page = shown('</form><form action="/sent" method="post"><button>Approve</button>')
    page.route("**/sent", lambda route: route.fulfill(status=204))
    page.evaluate(COMES, "frame.js")
    with page.expect_request("**/sent"):
        sent = page.get_by_role("button", name="Approve").evaluate(CLICKED_TWICE)
    assert sent == [True, False]


def test_ticks_that_the_script_cannot_fetch_are_fetched_by_their_link(shown: Shown) -> None:
    side = '<div data-module="desk"><details data-part="side"></details></div>'
    page = shown(f'</form><form id="marking-form"></form>{side}<a data-part="take" href="/taken">Take</a>')

    def be_away(route: Route) -> None:
        if route.request.resource_type == "fetch":
            route.abort()
        else:
            route.fulfill(body="<h1>Taken</h1>", content_type="text/html")

    page.route("**/taken", be_away)
    page.evaluate(COMES, "desk.js")
    page.get_by_role("link", name="Take").click()
    expect(page.get_by_role("heading", name="Taken")).to_be_visible()


def test_the_comment_bank_moves_no_cursor_of_who_is_writing(shown: Shown) -> None:
    page = shown('<div data-module="comment-bank"><textarea name="feedback">Well done</textarea></div>')
    page.locator("textarea").focus()
    page.locator("textarea").evaluate("field => field.setSelectionRange(4, 4)")
    page.evaluate(COMES, "comment-bank.js")
    assert page.locator("textarea").evaluate("field => field.selectionStart") == 4


EDITOR = """<div data-module="x"></div></form><form data-module="rubric-editor" action="/rubric" method="post">
  <p role="alert" data-part="refused" data-failed="Not now" hidden></p>
  <div data-part="body"><input id="title" name="title"><button name="do" value="add">Add</button>
  <output data-part="total" data-activity="4">0</output><span data-part="scaled"></span></div>"""


@pytest.mark.parametrize("answer", [{"status": 500, "body": "<p role=alert>Expired</p>"}, None])
def test_a_button_of_the_rubric_that_gets_no_answer_is_pressed_once_and_nothing_is_lost(
    shown: Shown, answer: dict[str, object] | None
) -> None:
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        if answer:
            route.fulfill(content_type="text/html", **answer)  # type: ignore[arg-type]
        else:
            route.abort()

    page = shown(EDITOR)
    page.route("**/rubric", refuse)
    page.evaluate(COMES, "rubric-editor.js")
    page.locator("#title").fill("Clarity")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_have_text("Expired" if answer else "Not now")
    expect(page.locator("#title")).to_have_value("Clarity")
    expect(page.get_by_role("button", name="Add")).to_be_focused()
    assert len(asked) == 1
