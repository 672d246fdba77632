"""The round button in a real Moodle: pasted by its administrator, used by a student, absent from an attempt at a quiz.

Needs MOODLE_DIR beside MOODLE_URL: the line is put into Moodle's settings on its own machine, and taken out again.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from lti_tool.config import Settings
from lti_tool.db import engine_for, transaction
from lti_tool.demo.joining import use_model
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets
from lti_tool.site_settings.catalogue import EMBEDDING_DEPLOYMENT
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer, Reply
from tests.moodle import driver
from tests.moodle.conftest import Placed, Tool
from tests.moodle.driver import People
from tests.moodle.test_content_pages import SLOWLY, enter_token

pytestmark = pytest.mark.timeout(900)
QUIZ = Path(__file__).with_name("quiz.php")
SETTING = "--name=additionalhtmlfooter"


def php(*arguments: str, script: Path | None = None) -> str:
    """Run a script of Moodle's, or one of ours, as the user that serves Moodle; what it prints."""
    if "MOODLE_DIR" not in os.environ:
        pytest.skip("needs MOODLE_DIR, the folder of the real Moodle")
    command = [os.environ.get("PHP", "php"), *arguments]
    given = ["runuser", "-u", "www-data", "--", *command] if os.geteuid() == 0 else command
    content = script.read_bytes() if script else b""
    return subprocess.run(given, input=content, stdout=subprocess.PIPE, check=True).stdout.decode().strip()


def cfg(*arguments: str) -> str:
    return php(f"{os.environ.get('MOODLE_DIR', '')}/admin/cli/cfg.php", SETTING, *arguments)


@pytest.fixture(scope="module")
def pasted(people: People, tool: Tool, placed: Placed) -> Iterator[None]:
    """The line of the administrator's page, in all pages of Moodle; a teacher has opened the tutor once."""
    before = cfg()
    page, frame = driver.launch(people, "admin", placed["Questions"], tool.url)
    driver.open_tab(frame, "Site")
    frame.get_by_role("link", name="Button", exact=True).click()
    line = frame.locator("textarea").input_value()
    page.close()
    cfg(f"--set={before}{line}")
    yield
    cfg(f"--set={before}")


@pytest.fixture(scope="module")
def read(people: People, tool: Tool, placed: Placed) -> None:
    """The course's pages, read with its teacher's token."""
    page, frame = driver.launch(people, "teach1", placed["Questions"], tool.url)
    driver.open_tab(frame, "Material")
    enter_token(frame, driver.seed()["teacher_token"])
    frame.get_by_role("button", name="Read the course now").click()
    expect(frame.get_by_role("link", name="Gas laws").first).to_be_visible(timeout=SLOWLY)
    expect(frame.locator("[data-unfinished]")).to_have_count(0, timeout=SLOWLY)
    page.close()


@pytest.fixture
def quiz(placed: Placed) -> Iterator[str]:
    folder = os.environ.get("MOODLE_DIR", "")
    made = php("--", folder, str(placed.course), script=QUIZ).splitlines()[-1]
    yield made
    php("--", folder, "remove", made, script=QUIZ)


@pytest.fixture
def model(tool: Tool, settings_of_tool: Settings, database: str) -> Iterator[ModelServer]:
    """Only a model can say that "this" is the page."""
    engine = engine_for(database)
    runtime = Runtime(settings=settings_of_tool, engine=engine, secrets=load_secrets(settings_of_tool.keys_dir))
    with ModelServer() as server:
        use_model(runtime, url=server.url, model="scripted")
        with transaction(engine) as session:
            write(session, EMBEDDING_DEPLOYMENT, "")
        yield server
        use_model(runtime, url="", model="")
    engine.dispose()


def drawer(page: Page) -> FrameLocator:
    """Press the button."""
    page.get_by_role("button", name="Open Course Assistant").click()
    return page.frame_locator("lectern-button iframe")


@pytest.mark.usefixtures("pasted", "read")
def test_a_student_asks_about_a_page_without_leaving_it(people: People, placed: Placed, model: ModelServer) -> None:
    page = people.page("stud2")
    # Moodle shows newcomers around.
    page.add_locator_handler(page.get_by_role("button", name="Got it"), lambda button: button.click())
    page.goto(f"{driver.MOODLE}/course/view.php?id={placed.course}")
    tutor = drawer(page)
    tutor.get_by_role("button", name="I have read this").click()
    expect(tutor.locator("#question")).to_be_visible()
    expect(tutor.locator('[data-part="page"]')).to_be_hidden()
    page.locator("#region-main").get_by_role("link", name="Gas laws").first.click()
    page.wait_for_url("**/mod/page/view.php**")
    tutor = drawer(page)
    expect(tutor.locator('[data-part="page"]')).to_contain_text("About this page: Gas laws")
    model.reply(Reply(text="One mole fills 22.414 litres [1]."))
    tutor.locator("#question").fill("Explain the gas laws of this page to me.")
    tutor.get_by_role("button", name="Send").click()
    expect(tutor.locator(".tutor-text").last).to_contain_text("22.414 litres", timeout=SLOWLY)
    assert (
        'page that the student has open, without a number: "Gas laws"'
        in json.loads(model.requests[-1].body)["messages"][-1]["content"]
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Course Assistant")).to_be_hidden()
    page.close()


@pytest.mark.usefixtures("pasted")
def test_the_button_stays_away_from_attempts_and_from_where_no_tutor_is(
    people: People, placed: Placed, quiz: str
) -> None:
    page = people.page("stud3")
    page.goto(f"{driver.MOODLE}/mod/quiz/view.php?id={quiz}")
    expect(page.locator("lectern-button")).to_be_attached()
    page.get_by_role("button", name="Attempt quiz").click()
    page.wait_for_url("**/mod/quiz/attempt.php**")
    away(page)
    page.get_by_role("button", name="Finish attempt").click()
    page.wait_for_url("**/mod/quiz/summary.php**")
    away(page)
    for path in ("/my/", "/?redirect=0", f"/course/view.php?id={driver.course_id('GEO210')}"):
        page.goto(driver.MOODLE + path)
        away(page)
    page.goto(f"{driver.MOODLE}/mod/lti/view.php?id={placed['Questions']}")
    away(page)
    page.close()


def away(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => window.lecternButton") == 1, "the script did not run"
    assert page.locator("lectern-button").count() == 0
