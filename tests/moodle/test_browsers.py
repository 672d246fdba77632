"""The frame in browsers that allow, partition and refuse cookies of third parties; and the tutor's socket in it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, WebSocket

from tests.moodle import driver
from tests.moodle.conftest import CHROMIUM, NAMES, SWITCHES, Placed, Tool
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(900)

FACT = "One mole of an ideal gas fills 22.414 litres at zero degrees Celsius and one atmosphere."
STORAGE = "(() => { try { return String(sessionStorage.length) } catch (error) { return error.name } })()"
BLOCK = 2


def test_an_answer_streams_over_the_socket_within_the_frame(people: People, tool: Tool, placed: Placed) -> None:
    page, frame = driver.launch(people, "teach1", placed[NAMES["tutor"]], tool.url)
    driver.open_tab(frame, "Material")
    frame.set_input_files("#files", {"name": "gases.md", "mimeType": "text/markdown", "buffer": FACT.encode()})
    frame.locator("#sources").get_by_text("Ready").wait_for()
    page.close()
    received: list[str] = []

    def listen(socket: WebSocket) -> None:
        if socket.url.startswith(tool.url.replace("http:", "ws:")):
            socket.on("framereceived", lambda frame: received.append(str(frame)))

    page = people.page("stud3")
    page.on("websocket", listen)
    page.goto(f"{driver.MOODLE}/mod/lti/view.php?id={placed[NAMES['tutor']]}")
    frame = driver.tool_frame(page, tool.url)
    frame.get_by_role("button", name="I have read this").click()
    frame.fill("#question", "How many litres does one mole of an ideal gas fill?")
    frame.get_by_role("button", name="Send").click()
    frame.locator(".tutor-sources").get_by_text("22.414").wait_for()
    page.close()
    assert any("22.414" in one for one in received)


def test_a_launch_works_in_the_frame_with_third_party_cookies_blocked(
    playwright: Playwright, tool: Tool, placed: Placed
) -> None:
    blocking = [*SWITCHES, "--test-third-party-cookie-phaseout"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=blocking)
    _, frame = driver.launch(People(browser=browser), "stud1", placed[NAMES["activity"]], tool.url)
    assert frame.evaluate(STORAGE) == "SecurityError", "this browser does not block third parties"
    assert driver.heading(frame) == NAMES["activity"]
    frame.goto(frame.url)
    assert driver.heading(frame) == NAMES["activity"]
    browser.close()


def test_a_browser_that_keeps_no_cookie_in_the_frame_opens_a_new_window(
    playwright: Playwright, tool: Tool, placed: Placed, tmp_path: Path
) -> None:
    refused = {f"{tool.url},{driver.MOODLE}": {"setting": BLOCK}}
    preferences = {"profile": {"content_settings": {"exceptions": {"cookies": refused}}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences))
    profile = playwright.chromium.launch_persistent_context(tmp_path, executable_path=CHROMIUM, args=SWITCHES)
    driver.sign_in(profile, "stud1")
    page = profile.new_page()
    page.goto(f"{driver.MOODLE}/mod/lti/view.php?id={placed[NAMES['activity']]}")
    frame = driver.tool_frame(page, tool.url)
    assert driver.heading(frame) == "Open in a new window"
    with profile.expect_page() as opened:
        frame.get_by_role("button", name="Open in a new window").click()
    opened.value.wait_for_url(f"{tool.url}/l/**")
    assert opened.value.locator("h1").inner_text() == NAMES["activity"]
    profile.close()
