"""A turn looks the same when it ends before one's eyes and when its page is loaded again."""

from collections.abc import Callable
from difflib import ndiff
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import ask, ended
from tests.browser.campus import Campus
from tests.browser.checks import scripts_have_run
from tests.browser.test_tutor_around_answers import FOLLOW_UPS
from tests.fakes.model_server import Reply

CODE = "The **median** [1]:\n\n```python\nmedian([1, 2])\n```\n\n- one\n- two\n\n$$x^2$$"
ENDLESS = Reply(text=" ".join(f"word{number}" for number in range(5000)), is_streamed=True)
# What people see and what their next click would do: but for keys, which are new on each page, and what was announced.
SEEN = """() => {
  const main = document.querySelector("main");
  for (const details of main.querySelectorAll("details")) {
    details.dataset.wasOpen = details.open;
    details.open = true;
  }
  const isShown = (one) => (one.type === "hidden" ? one.form?.checkVisibility() : one.checkVisibility());
  const isElsewhere = (one) => one.closest("[role=status], [role=alert]") || ["csrf_token", "key"].includes(one.name);
  const tell = (one) => {
    const names = one.getAttributeNames().filter((name) => !["open", "style", "rows", "loading"].includes(name)).sort();
    const own = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(" ");
    const said = names.map((name) => `${name}=${one.getAttribute(name).replace(location.origin, "")}`);
    return [one.localName, ...said, one.matches("textarea") ? one.value : own.split(/\\s+/).join(" ").trim()].join(" ");
  };
  const seen = [...main.querySelectorAll("*")].filter((one) => isShown(one) && !isElsewhere(one)).map(tell);
  for (const details of main.querySelectorAll("details")) {
    details.open = details.dataset.wasOpen === "true";
    delete details.dataset.wasOpen;
  }
  return seen;
}"""


def changed_by_loading_again(tutor: Page) -> list[str]:
    """What stands on the page now and not once it is loaded again, or the other way round."""
    ended(tutor)
    live = tutor.evaluate(SEEN)
    tutor.reload()
    scripts_have_run(tutor)
    return [line for line in ndiff(live, tutor.evaluate(SEEN)) if line[0] in "+-"]


def answered(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(text=CODE, is_streamed=True), Reply(text=FOLLOW_UPS, is_streamed=False))
    ask(tutor)
    tutor.get_by_role("button", name="When do they differ?").wait_for()


def asked_again(tutor: Page, campus: Campus) -> None:
    answered(tutor, campus)
    campus.model.reply(
        Reply(text="It is the middle value.", is_streamed=True), Reply(text=FOLLOW_UPS, is_streamed=False)
    )
    tutor.get_by_role("button", name="Another answer").click()
    tutor.locator('[data-turn]:last-child [data-part="follow-ups"] button').last.wait_for()


def ill_supported(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(text="The moon has 4711 craters of cheese [1].", is_streamed=True))
    ask(tutor)


def refused(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(text="NOT_IN_MATERIAL"))
    ask(tutor)


def failed(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(status=401))
    ask(tutor)


def withheld(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(status=400, error={"code": "content_filter"}))
    ask(tutor)


def cut_off(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(text=CODE, drop_after=8))
    ask(tutor)


def stopped(tutor: Page, campus: Campus) -> None:
    campus.model.rate = 20
    campus.model.reply(ENDLESS)
    expect(ask(tutor)).to_contain_text("word5 ")
    tutor.get_by_role("button", name="Stop").click()


def stopped_and_tried_again(tutor: Page, campus: Campus) -> None:
    stopped(tutor, campus)
    campus.model.rate = 0
    campus.model.reply(Reply(text=CODE, is_streamed=True), Reply(text=FOLLOW_UPS, is_streamed=False))
    tutor.get_by_role("button", name="Try again").click()
    tutor.get_by_role("button", name="When do they differ?").wait_for()


def asked_after_a_failure(tutor: Page, campus: Campus) -> None:
    failed(tutor, campus)
    ended(tutor)
    answered(tutor, campus)


Happening = Callable[[Page, Campus], None]


@pytest.mark.parametrize(
    "happens",
    [
        answered,
        asked_again,
        ill_supported,
        refused,
        failed,
        withheld,
        cut_off,
        stopped,
        stopped_and_tried_again,
        asked_after_a_failure,
    ],
)
def test_a_turn_looks_the_same_when_its_page_is_loaded_again(tutor: Page, campus: Campus, happens: Happening) -> None:
    happens(tutor, campus)
    assert changed_by_loading_again(tutor) == []


def test_so_does_one_that_grew_while_its_page_was_loaded_again(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(text=CODE, hold_after=8, is_streamed=True), Reply(text=FOLLOW_UPS, is_streamed=False))
    expect(ask(tutor)).to_contain_text("median([1")
    tutor.reload()
    expect(tutor.locator("[data-turn][data-open]")).to_have_count(1)
    campus.model.go_on.set()
    tutor.get_by_role("button", name="When do they differ?").wait_for()
    assert changed_by_loading_again(tutor) == []


def test_so_does_one_with_files(tutor: Page, campus: Campus, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("The median of my data is 900.")
    tutor.locator("summary", has_text="Attach").click()
    tutor.get_by_label("Files for this question").set_input_files(tmp_path / "notes.md")
    expect(tutor.get_by_role("button", name="Remove notes.md")).to_be_visible()
    answered(tutor, campus)
    assert changed_by_loading_again(tutor) == []
