"""A real browser before the tool in the course site's frame.

campus       tool, worker, model and course site, running (campus.py)
someone      someone("amira") -> a person's own browser context, signed in to the course site; options of the context
world        what the pages show: a conversation, a submission, papers (world.py)

Everything is started once for this folder and stopped with it: the browser's driver keeps an event loop in the main
thread, which tests of other folders need for themselves.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from lti_tool.config import PROJECT_ROOT, Settings
from lti_tool.secrets import Secrets
from tests.browser.campus import Campus, running_campus
from tests.browser.person import Person
from tests.browser.world import World, build_world
from tests.fixtures.database import CopiedDatabase
from tests.fixtures.patience import PATIENCE

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--test-third-party-cookie-phaseout",
    "--use-fake-device-for-media-stream",
]
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="package")
def campus(
    postgres: str, database_template: str, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Campus]:
    settings = Settings.from_env(
        {"LECTERN_DATA_DIR": str(tmp_path_factory.mktemp("campus"))}, PROJECT_ROOT / "tool_config.json"
    )
    with CopiedDatabase(postgres, database_template) as engine, running_campus(engine, secrets, settings) as running:
        yield running


@pytest.fixture(autouse=True)
def unscripted(campus: Campus) -> None:
    """What a failed test has left of its replies is not for the next one."""
    campus.model.script.clear()
    campus.model.go_on.clear()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def launch_options() -> dict[str, Any]:
    """Debian's Chromium where there is one, else the one that Playwright brought."""
    return {"args": ARGUMENTS, **({"executable_path": CHROMIUM} if Path(CHROMIUM).exists() else {})}


@pytest.fixture(scope="package")
def chromium(playwright: Playwright, launch_options: dict[str, Any]) -> Iterator[Browser]:
    """Third-party cookies are blocked in every context."""
    browser = playwright.chromium.launch(**launch_options)
    yield browser
    browser.close()


Someone = Callable[..., Person]


@pytest.fixture
def someone(campus: Campus, chromium: Browser) -> Iterator[Someone]:
    people: list[Person] = []

    def arrive(username: str, **options: Any) -> Person:
        people.append(Person(campus, chromium.new_context(**({"viewport": WINDOW} | options)), username))
        return people[-1]

    yield arrive
    for person in people:
        person.context.close()
        assert person.complaints == []


@pytest.fixture(scope="package")
def world(campus: Campus) -> World:
    return build_world(campus)


WINDOW = {"width": 1280, "height": 900}
