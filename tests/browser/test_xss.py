"""The browser's own purifier lets nothing live through either (R167), in a page that no policy protects."""

from playwright.sync_api import Browser, Route

from lti_tool.config import PROJECT_ROOT
from tests.web.xss import VECTORS

ORIGIN = "http://purifier.test"
FEED = """async (vectors) => {
  window.hits = [];
  window.alert = () => window.hits.push("alert");
  const { safeFragment } = await import("/static/js/safe-html.js");
  const live = /^(on.*|style|src.*|data.*|.*action|background|poster|ping|id|name|is|aria-.*|.*:.*)$/i;
  const alive = /^(script|style|iframe|object|embed|form|input|svg|img|base|meta|link|template|button|select)$/i;
  const found = [];
  for (const vector of vectors) {
    const place = document.createElement("div");
    document.body.append(place);
    place.append(safeFragment(vector));
    const again = document.createElement("div");
    again.append(safeFragment(place.innerHTML));
    if (again.innerHTML !== place.innerHTML) found.push(["changes when read again", vector]);
    for (const element of place.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        const isForeign = name === "href" && !/^(https?:|mailto:|#)/i.test(value);
        if (live.test(name) || isForeign || /javascript:/i.test(value)) found.push([`${name}=${value}`, vector]);
      }
      if (alive.test(element.localName)) found.push([element.localName, vector]);
      element.dispatchEvent(new Event("click"));
      element.dispatchEvent(new Event("mouseover"));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { found, hits: window.hits, live: document.querySelectorAll("div p, div a, div code").length };
}"""


def test_no_vector_survives_the_purifier_of_the_browser(chromium: Browser) -> None:
    page = chromium.new_page()
    asked: list[str] = []

    def serve(route: Route) -> None:
        """Our own files, and nothing from anywhere else."""
        path = route.request.url.removeprefix(ORIGIN)
        file = PROJECT_ROOT / path.lstrip("/")
        if path == "/":
            route.fulfill(body="<!doctype html><title>Purifier</title>", content_type="text/html")
        elif route.request.url.startswith(f"{ORIGIN}/static/") and file.is_file():
            route.fulfill(path=file, content_type="text/javascript")
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", serve)
    page.goto(f"{ORIGIN}/")
    result = page.evaluate(FEED, VECTORS)
    page.close()
    assert (result["found"], result["hits"], asked) == ([], [], [])
    assert result["live"] > 20
