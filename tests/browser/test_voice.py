"""A question is spoken into the browser's (pretended) microphone, in the course site's frame."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from lti_tool.accounts.models import PlacementKind
from lti_tool.db import transaction
from lti_tool.site_settings.catalogue import DAILY_LIMIT
from lti_tool.site_settings.chat import ENABLE_TRANSCRIPTION, TRANSCRIPTION_DEPLOYMENT
from lti_tool.site_settings.store import write
from tests.browser.campus import Campus
from tests.browser.conftest import Someone
from tests.browser.person import Person
from tests.fakes.model_server import Reply


@pytest.fixture
def transcribing(campus: Campus) -> Iterator[None]:
    for is_on in (True, False):
        with transaction(campus.runtime.engine) as session:
            write(session, ENABLE_TRANSCRIPTION, is_on)
            write(session, TRANSCRIPTION_DEPLOYMENT, "listener" if is_on else "")
            write(session, DAILY_LIMIT, 40 if is_on else 0)
        if is_on:
            yield


@pytest.fixture
def speaker(campus: Campus, playwright: Playwright, launch_options: dict[str, Any]) -> Iterator[Person]:
    """Somebody who allows the microphone; the browser's own question cannot be answered by a test."""
    arguments = [*launch_options["args"], "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(**launch_options | {"args": arguments})
    yield Person(campus, browser.new_context(), "felix")
    browser.close()


@pytest.mark.usefixtures("transcribing")
def test_what_was_said_stands_in_the_field_and_is_not_sent(speaker: Person, campus: Campus) -> None:
    campus.model.reply(Reply(text="What is the median?", is_streamed=False))
    tutor = speaker.open(PlacementKind.TUTOR)
    speak, status = tutor.get_by_role("button", name="Speak"), tutor.locator("[data-part=left]")
    expect(status).to_contain_text("Questions left today: ")
    left = int(re.findall(r"\d+", status.inner_text())[0])
    speak.click()
    expect(status).to_have_text("Listening. Press again to stop.")
    expect(speak).to_have_attribute("aria-pressed", "true")
    speak.click()
    expect(tutor.get_by_label("Your question", exact=True)).to_have_value("What is the median?")
    expect(status).to_have_text(f"Questions left today: {left - 1}.")
    recorded = next(one for one in reversed(campus.model.requests) if "/audio/" in one.path)
    assert "question.webm" in recorded.body and len(recorded.body) > 500


UNANSWERED = """navigator.mediaDevices.getUserMedia = () => {
  window.timesAsked = (window.timesAsked ?? 0) + 1;
  return new Promise(() => undefined);
};"""


@pytest.mark.usefixtures("transcribing")
def test_the_browser_is_asked_for_the_microphone_once(speaker: Person) -> None:
    speaker.page.add_init_script(UNANSWERED)
    speak = speaker.open(PlacementKind.TUTOR).get_by_role("button", name="Speak")
    speak.dblclick()
    assert speak.evaluate("() => window.timesAsked") == 1


@pytest.mark.usefixtures("transcribing")
def test_a_refused_microphone_is_said(someone: Someone) -> None:
    tutor = someone("gita", permissions=[]).open(PlacementKind.TUTOR)
    tutor.get_by_role("button", name="Speak").click()
    expect(tutor.locator("[data-part=left]")).to_contain_text("Nothing was heard")
