"""An answer of a model, streamed over the socket in Moodle's frame; its citation opens the passage."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocket

from lti_tool.config import Settings
from lti_tool.db import engine_for
from lti_tool.demo.joining import use_model
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets
from tests.fakes.model_server import ModelServer, Reply
from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(900)

FACT = "The molar volume of an ideal gas is 22.414 litres at zero degrees Celsius and one atmosphere."
ANSWER = "One mole fills **22.414 litres** at zero degrees Celsius [1], " + "and so does one of any other gas, " * 8


@pytest.fixture
def model(tool: Tool, settings_of_tool: Settings, database: str) -> Iterator[ModelServer]:
    engine = engine_for(database)
    runtime = Runtime(settings=settings_of_tool, engine=engine, secrets=load_secrets(settings_of_tool.keys_dir))
    with ModelServer(rate=40) as server:
        use_model(runtime, url=server.url, model="scripted")
        yield server
        use_model(runtime, url="", model="")
    engine.dispose()


def test_a_model_answers_over_the_socket_and_its_citation_opens_the_passage(
    people: People, tool: Tool, placed: Placed, model: ModelServer
) -> None:
    page, frame = driver.launch(people, "teach1", placed[NAMES["tutor"]], tool.url)
    driver.open_tab(frame, "Material")
    frame.set_input_files("#files", {"name": "volume.md", "mimeType": "text/markdown", "buffer": FACT.encode()})
    frame.locator("#sources tr", has_text="volume").get_by_text("Ready").wait_for()
    page.close()
    deltas: list[str] = []
    page = people.page("stud4")
    page.on("websocket", lambda socket: listen(socket, deltas))
    page.goto(f"{driver.MOODLE}/mod/lti/view.php?id={placed[NAMES['tutor']]}")
    frame = driver.tool_frame(page, tool.url)
    frame.get_by_role("button", name="I have read this").click()
    model.reply(Reply(text=ANSWER))
    frame.fill("#question", "What is the molar volume of an ideal gas?")
    frame.get_by_role("button", name="Send").click()
    cited = frame.locator(".tutor-text a.citation").first
    cited.wait_for()
    assert len(deltas) > 3, "the answer came in one piece"
    frame.locator(".tutor-sources summary").first.click()
    frame.get_by_role("link", name="Open in the material").first.click()
    frame.get_by_text("molar volume").first.wait_for()
    page.close()


def listen(socket: WebSocket, deltas: list[str]) -> None:
    socket.on("framereceived", lambda frame: deltas.append(str(frame)) if '"delta"' in str(frame) else None)
