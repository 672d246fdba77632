"""A page whose script comes when a test lets it: until then a person is alone with the page."""

from playwright.sync_api import FrameLocator, Page

COMES = """script => {
  const late = document.createElement("script");
  [late.type, late.src] = ["module", `${script.src}?late`];
  document.head.append(late);
}"""


def keep_away(page: Page, script: str) -> None:
    page.route(f"**/{script}", lambda route: route.fulfill(body="", content_type="text/javascript"))


def let_come(frame: FrameLocator | Page, script: str) -> None:
    frame.locator(f'script[src$="/{script}"]').evaluate(COMES)
