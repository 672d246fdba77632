"""Whatever comes between a student and an answer: nothing that was written or chosen is lost, nothing is sent twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import update

from lti_tool.accounts.models import BoundLaunch
from lti_tool.db import now, transaction
from lti_tool.site_settings.catalogue import SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from tests.browser.asking import ask, ended
from tests.browser.campus import Campus
from tests.browser.late import keep_away, let_come
from tests.browser.person import Person
from tests.fakes.model_server import Reply

ANSWER = Reply(text="The middle value [1].", is_streamed=True)
HELD = Reply(text="The middle value of the sorted ones [1].", is_streamed=True, hold_after=3)
NEXT = "And what is the mean?"
DEAF = """window.SpeechRecognition = class extends EventTarget {
  start() { for (const name of ["error", "end"]) setTimeout(() => this.dispatchEvent(new Event(name))); }
  stop() {}
};"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text("The median of my data is 900.")
    return tmp_path / "notes.md"


@pytest.fixture
def another_tab(tutor: Page, at_tutor: Person) -> Iterator[Page]:
    page = at_tutor.context.new_page()
    page.goto(tutor.url)
    yield page
    page.close()


def attach(tutor: Page, file: Path) -> Locator:
    tutor.locator("summary", has_text="Attach").click()
    tutor.get_by_label("Files for this question").set_input_files(file)
    return tutor.get_by_role("button", name=f"Remove {file.name}")


def composer(tutor: Page) -> Locator:
    return tutor.get_by_label("Your question", exact=True)


def turns(tutor: Page) -> Locator:
    return tutor.locator("li.tutor-turn")


def test_a_refused_question_is_in_the_composer_again_with_its_files(tutor: Page, campus: Campus, notes: Path) -> None:
    campus.model.reply(HELD)
    ask(tutor)
    expect(attach(tutor, notes)).to_be_visible()
    ask(tutor, NEXT)
    expect(tutor.get_by_role("alert").last).to_have_text("An answer is still being written. Wait for it or stop it.")
    expect(composer(tutor)).to_have_value(NEXT)
    expect(tutor.get_by_role("button", name="Remove notes.md")).to_be_visible()
    campus.model.go_on.set()
    ended(tutor)
    expect(turns(tutor)).to_have_count(1)


def test_what_is_being_written_outlives_other_questions(tutor: Page, campus: Campus, notes: Path) -> None:
    campus.model.reply(ANSWER, ANSWER)
    turn = ask(tutor)
    ended(tutor)
    composer(tutor).fill(NEXT)
    kept = attach(tutor, notes)
    expect(kept).to_be_visible()
    turn.get_by_role("button", name="Another answer").click()
    expect(tutor.get_by_text("Earlier version")).to_be_visible()
    ended(tutor)
    expect(composer(tutor)).to_have_value(NEXT)
    expect(kept).to_be_visible()


def test_a_question_does_not_go_with_the_launch(tutor: Page, campus: Campus, at_tutor: Person) -> None:
    campus.model.reply(ANSWER)
    ask(tutor)
    ended(tutor)
    with transaction(campus.runtime.engine) as session:
        session.execute(update(BoundLaunch).where(BoundLaunch.id == tutor.url.split("/")[4]).values(expires_at=now()))
    at_tutor.launches.clear()
    ask(tutor, NEXT)
    expect(tutor.get_by_role("alert").last).to_contain_text("This page has expired.")
    expect(composer(tutor)).to_have_value(NEXT)
    expect(turns(tutor)).to_have_count(1)


def test_enter_waits_for_the_files(tutor: Page, campus: Campus, notes: Path) -> None:
    campus.model.reply(ANSWER)
    held: list[Route] = []
    tutor.route("**/tutor/attachments", lambda route: held.append(route))
    with tutor.expect_request("**/tutor/attachments"):
        taken = attach(tutor, notes)
    composer(tutor).fill(NEXT)
    composer(tutor).press("Enter")
    expect(turns(tutor)).to_have_count(0)
    held[0].continue_()
    expect(taken).to_be_visible()
    composer(tutor).press("Enter")
    ended(tutor)
    expect(turns(tutor).get_by_role("link", name="notes.md")).to_be_visible()


def test_a_file_that_was_chosen_before_the_script_came_goes_with_the_question(tutor: Page, notes: Path) -> None:
    keep_away(tutor, "tutor.js")
    tutor.reload()
    taken = attach(tutor, notes)
    let_come(tutor, "tutor.js")
    expect(taken).to_be_visible()


def test_a_file_that_no_answer_comes_for_is_named_with_the_reason(tutor: Page, notes: Path) -> None:
    tutor.route("**/tutor/attachments", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    attach(tutor, notes)
    expect(tutor.get_by_role("alert").last).to_have_text("notes.md: The file could not be sent. Please try again.")


def test_a_page_of_an_older_thread_shows_the_new_one(tutor: Page, campus: Campus, another_tab: Page) -> None:
    campus.model.reply(ANSWER, ANSWER)
    ask(tutor)
    ended(tutor)
    another_tab.reload()
    another_tab.get_by_role("button", name="New thread").click()
    expect(turns(another_tab)).to_have_count(0)
    ask(tutor, NEXT)
    expect(turns(tutor)).to_have_count(1)
    expect(turns(tutor)).to_contain_text(NEXT)
    ended(tutor)


def test_nothing_is_asked_again_before_the_notice_is_read(tutor: Page, campus: Campus) -> None:
    campus.model.reply(ANSWER)
    ask(tutor)
    ended(tutor)
    for is_shown in (True, False):
        with transaction(campus.runtime.engine) as session:
            write(session, SHOW_PRIVACY_NOTICE, is_shown)
        if is_shown:
            tutor.reload()
            tutor.get_by_role("button", name="Another answer").click()
            expect(tutor.get_by_role("alert").last).to_have_text("Please read and accept the privacy notice first.")
    expect(turns(tutor)).to_have_count(1)


def test_enter_sends_the_comment_and_no_thumb_up(tutor: Page, campus: Campus) -> None:
    campus.model.reply(ANSWER)
    turn = ask(tutor)
    turn.get_by_role("button", name="Not helpful").click()
    turn.get_by_label("What was wrong?").fill("Too short")
    turn.get_by_label("What was wrong?").press("Enter")
    expect(turn.get_by_text("Thank you.")).to_be_visible()
    tutor.reload()
    expect(turn.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    expect(turn.get_by_label("What was wrong?")).to_have_value("Too short")


def test_a_thumb_that_the_script_cannot_send_is_sent_by_its_form(tutor: Page, campus: Campus) -> None:
    def fail(route: Route) -> None:
        if route.request.resource_type == "fetch":
            route.fulfill(status=500, body="<h1>Not now</h1>")
        else:
            route.continue_()

    campus.model.reply(ANSWER)
    tutor.route("**/feedback", fail)
    helpful = ask(tutor).get_by_role("button", name="Helpful", exact=True)
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    expect(tutor.get_by_role("status").first).to_contain_text("Thank you.")


def test_a_second_try_is_asked_for_once(tutor: Page, campus: Campus) -> None:
    campus.model.reply(Reply(status=401), ANSWER)
    turn = ask(tutor)
    turn.get_by_role("button", name="Try again").dblclick()
    expect(turn).to_contain_text("The middle value")
    ended(tutor)
    expect(tutor.locator('[data-part="alert"]')).to_be_empty()


def test_a_server_that_is_away_for_a_moment_is_asked_again(another_tab: Page, campus: Campus) -> None:
    campus.model.reply(ANSWER)
    another_tab.route_web_socket("**/tutor/socket", lambda line: line.close())
    away = {"status": 503, "json": {"error": "away", "message": "Away"}}
    another_tab.route("**/frames?*", lambda route: route.fulfill(**away), times=1)  # type: ignore[arg-type]
    ask(another_tab)
    ended(another_tab)
    expect(turns(another_tab)).to_contain_text("The middle value")
    expect(another_tab.locator('[data-part="alert"]')).to_be_empty()


def test_it_stays_said_that_nothing_was_heard(another_tab: Page) -> None:
    another_tab.add_init_script(DEAF)
    another_tab.reload()
    another_tab.get_by_role("button", name="Speak").click()
    expect(another_tab.locator("[data-part=left]")).to_contain_text("Nothing was heard.")
    expect(another_tab.get_by_role("button", name="Speak")).to_have_attribute("aria-pressed", "false")
