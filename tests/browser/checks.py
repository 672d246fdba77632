"""What every page must keep in a real browser: no violation that axe finds, no sideways scrolling, the keyboard."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import FrameLocator, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}, {"width": 320, "height": 640}
MOST_TABS, TABS_AT_ONCE = 150, 10
WATCH_FOCUS = """(wanted) => {
  document.activeElement.blur();
  window.isReached = false;
  document.addEventListener("focusin", ({ target }) => { window.isReached ||= target.matches(wanted); });
}"""
FIND_VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)"""
FIND_OVERFLOW = """() => {
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const isInside = ({ parentElement: outer }) => outer && (scrolls(outer) || isInside(outer));
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && !isInside(element))
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => element.outerHTML.slice(0, 200));
}"""
ARRIVED = 'body:has(#main):not(:has([data-module="auto-submit"], [data-module="platform-storage-put"]))'
"""Of a page that stays: not the empty one that a frame begins with, nor those that a script sends on."""
LOADED = "() => document.readyState === 'complete' || new Promise((loaded) => addEventListener('load', loaded))"
MAIN_ACTION = "main .btn-primary"
ANY_CONTROL = "main :is(a[href], button, input:not([type=hidden]), select, textarea)"


def scripts_have_run(frame: FrameLocator | Page) -> None:
    """A page is seen before its scripts listen: a key pressed in between is nobody's.

    Where a link or button has led to the page, wait for something of it first.
    """
    frame.locator(ARRIVED).evaluate(LOADED)


def check_page(page: Page, main_action: str = "") -> None:
    """All of it, on the page as it stands; the window is narrow afterwards."""
    headings = page.locator("h1").all_inner_texts()
    assert len(headings) == 1 and page.title().startswith(headings[0].strip()), headings
    check_keyboard(page, main_action)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate(AXE)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        found = violations(page)
        assert found == [], f"at {size['width']}: {found}"
    page.set_viewport_size(NARROW)
    check_width(page)


def violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate(FIND_VIOLATIONS)
    return found


def check_width(page: Page) -> None:
    """Nothing is cut off or needs sideways scrolling, but for tables in a region that scrolls by itself."""
    page.evaluate("() => window.scrollTo(10000, 0)")
    assert page.evaluate("() => window.scrollX") == 0
    assert page.evaluate(FIND_OVERFLOW) == []


def check_keyboard(page: Page, main_action: str = "") -> None:
    """Tab alone comes to the page's main action."""
    wanted = main_action or next(
        (one for one in (MAIN_ACTION, ANY_CONTROL) if page.locator(f"{one} >> visible=true").count()), ""
    )
    if not wanted:
        return
    page.evaluate(WATCH_FOCUS, wanted)
    for _ in range(MOST_TABS // TABS_AT_ONCE):
        for _ in range(TABS_AT_ONCE):
            page.keyboard.press("Tab")
        if page.evaluate("() => window.isReached"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")
