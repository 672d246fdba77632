"""A real browser before the tool in the course site's frame.

campus       tool, worker, model and course site, running (campus.py)
someone      someone("amira") -> a person's own browser context, signed in to the course site; options of the context
world        what the pages show: a conversation, a submission, papers (world.py)
tutor        a student's page of the tutor in the whole window, with all that can be switched on and a new thread

Everything is started once for this folder and stopped with it: the browser's driver keeps an event loop in the main
thread, which tests of other folders need for themselves.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from lti_tool.accounts.models import PlacementKind
from lti_tool.config import PROJECT_ROOT, Settings
from lti_tool.db import transaction
from lti_tool.secrets import Secrets
from lti_tool.site_settings.catalogue import BREAKER_ENABLED, DAILY_LIMIT
from lti_tool.site_settings.chat import ENABLE_EXPORT, ENABLE_SUGGESTIONS, ENABLE_UPLOAD
from lti_tool.site_settings.store import write
from tests.browser.asking import begin_thread
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


@pytest.fixture(scope="module")
def at_tutor(campus: Campus, chromium: Browser) -> Iterator[Person]:
    """One student for a whole file; no failure keeps the model from the next question."""
    switches = {ENABLE_SUGGESTIONS: True, ENABLE_UPLOAD: True, ENABLE_EXPORT: True, BREAKER_ENABLED: False}
    for are_set in (True, False):
        with transaction(campus.runtime.engine) as session:
            write(session, DAILY_LIMIT, 1000 if are_set else 0)
            for switch, is_on in switches.items():
                write(session, switch, is_on == are_set)
        if are_set:
            person = Person(campus, chromium.new_context(), "hugo")
            yield person
            begin_anew(person)
            person.context.close()
    assert person.complaints == []


def begin_anew(student: Person) -> None:
    """At the tutor, with a thread in which nothing was asked."""
    page, activity_id = student.page, student.campus.activity_id(PlacementKind.TUTOR)
    page.goto(student.launched(f"/activity/{activity_id}/launch") + "/tutor/")
    begin_thread(page)


@pytest.fixture
def tutor(at_tutor: Person, campus: Campus) -> Iterator[Page]:
    begin_anew(at_tutor)
    yield at_tutor.page
    at_tutor.page.unroute_all()
    campus.model.rate = 0


@pytest.fixture(scope="package")
def world(campus: Campus) -> World:
    return build_world(campus)


WINDOW = {"width": 1280, "height": 900}
