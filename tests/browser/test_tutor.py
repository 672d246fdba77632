"""The tutor in the course site's frame, as students use it: live, cut off, without sockets, without scripts."""

from playwright.sync_api import FrameLocator, Locator, WebSocketRoute, expect

from lti_tool.accounts.models import PlacementKind
from lti_tool.web.sockets import open_sockets
from tests.browser.asking import ask
from tests.browser.campus import Campus
from tests.browser.checks import scripts_have_run
from tests.browser.conftest import Someone
from tests.fakes.model_server import Reply

QUESTION = "What is the median?"
ANSWER = "The median is better when few values are extreme [1]."
LONG = " ".join(f"word{number}" for number in range(60))
HELD = Reply(text=LONG, hold_after=10, is_streamed=True)
"""An answer in whose middle there is time for everything."""


def answer(tutor: FrameLocator) -> Locator:
    return tutor.locator('[data-part="answer"][aria-busy="false"] [data-part="blocks"]')


def cut_all_lines() -> None:
    """As a network that goes away does it: without a goodbye."""
    for opened in list(open_sockets._sockets):
        opened.cut()


def test_an_answer_streams_and_its_citation_opens_the_passage(someone: Someone, campus: Campus) -> None:
    campus.model.reply(Reply(text=ANSWER, is_streamed=True))
    tutor = someone("chiara").open(PlacementKind.TUTOR)
    scripts_have_run(tutor)
    tutor.get_by_label("Your question").fill(QUESTION)
    tutor.get_by_label("Your question").press("Enter")
    expect(answer(tutor)).to_contain_text("The median is better when few values are extreme")
    expect(tutor.get_by_role("status")).to_contain_text(["The answer is ready."])
    answer(tutor).get_by_role("link", name="1").click()
    source = tutor.locator("details[open]")
    expect(source).to_contain_text("median")
    source.get_by_role("link", name="Open in the material").click()
    expect(tutor.locator("main")).to_contain_text("median")


def test_a_cut_line_comes_back_with_nothing_lost_or_doubled(someone: Someone, campus: Campus) -> None:
    campus.model.reply(HELD)
    student = someone("dmitri")
    tutor = student.open(PlacementKind.TUTOR)
    scripts_have_run(tutor)
    ask(tutor)
    expect(tutor.locator(".tutor-answer")).to_contain_text("word5 ")
    cut_all_lines()
    expect(tutor.get_by_role("status")).to_contain_text(["The connection was lost. Trying again."])
    campus.model.go_on.set()
    expect(answer(tutor)).to_have_text(LONG)
    student.page.reload()
    expect(answer(tutor)).to_have_text(LONG)


def test_an_answer_that_grew_while_its_page_was_loaded_again_ends_like_any_other(
    someone: Someone, campus: Campus
) -> None:
    campus.model.reply(HELD)
    student = someone("bruno")
    tutor = student.open(PlacementKind.TUTOR)
    ask(tutor)
    expect(tutor.locator(".tutor-answer")).to_contain_text("word5 ")
    student.page.reload()
    expect(tutor.locator('[data-part="answer"][aria-busy="true"]')).to_have_count(1)
    campus.model.go_on.set()
    expect(answer(tutor)).to_have_text(LONG)
    for name in ("Helpful", "Not helpful", "Another answer"):
        expect(tutor.get_by_role("button", name=name, exact=True)).to_be_visible()


UNTIL_OFFLINE = "async () => { while (navigator.onLine) await new Promise((later) => setTimeout(later, 20)); }"


def test_a_browser_that_was_offline_gets_the_rest(someone: Someone, campus: Campus) -> None:
    campus.model.reply(HELD)
    student = someone("felix")
    tutor = student.open(PlacementKind.TUTOR)
    scripts_have_run(tutor)
    ask(tutor)
    expect(tutor.locator(".tutor-answer")).to_contain_text("word5 ")
    student.context.set_offline(True)
    # The frame of another site is a process of its own, and is told a moment later.
    tutor.locator("body").evaluate(UNTIL_OFFLINE)
    cut_all_lines()
    # Whether the frame sees its line end now or once it is online again is the browser's choice.
    student.context.set_offline(False)
    campus.model.go_on.set()
    expect(answer(tutor)).to_have_text(LONG)


def test_where_sockets_are_blocked_it_asks_again_and_again(someone: Someone, campus: Campus) -> None:
    def refuse(line: WebSocketRoute) -> None:
        line.close()

    campus.model.reply(Reply(text=ANSWER, is_streamed=True))
    student = someone("gita")
    student.context.route_web_socket("**/tutor/socket", refuse)
    tutor = student.open(PlacementKind.TUTOR)
    ask(tutor)
    expect(answer(tutor)).to_contain_text("The median is better")
    expect(tutor.locator("li[data-turn]")).to_have_count(1)


def test_without_scripts_the_form_does_it(someone: Someone, campus: Campus) -> None:
    campus.model.reply(Reply(text=ANSWER, is_streamed=True))
    tutor = someone("esther", java_script_enabled=False).open(PlacementKind.TUTOR)
    for address in ("/lti/login", "/lti/launch"):
        tutor.locator(f'form[action$="{address}"] button').click()
    ask(tutor)
    expect(answer(tutor)).to_contain_text("The median is better")
    answer(tutor).get_by_role("link", name="1").click()
    tutor.locator("summary").first.click()
    tutor.get_by_role("link", name="Open in the material").first.click()
    expect(tutor.locator("main")).to_contain_text("median")
