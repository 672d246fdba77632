"""Lectern on ports of its own, registered at a real Moodle and placed in one of its courses, once for all tests here.

Skipped unless MOODLE_URL and SEED_JSON are set. Moodle's host must differ from 127.0.0.1, where the tool listens, so
that the tool's frame is a third party as in every school.
"""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Playwright, expect, sync_playwright
from sqlalchemy import Engine

from lti_tool.config import Settings
from lti_tool.database_check import check_database
from lti_tool.db import engine_for, transaction
from lti_tool.demo.processes import running
from lti_tool.embedded_postgres import EmbeddedPostgres, remove_database
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import invite
from lti_tool.migrate import upgrade
from lti_tool.moodle.functions import MARKING, READING_BACK, SITE
from lti_tool.secrets import load_secrets
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.moodle import driver
from tests.moodle.driver import People

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
expect.set_options(timeout=driver.PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def real_moodle() -> None:
    missing = [name for name in ("MOODLE_URL", "SEED_JSON") if not os.environ.get(name)]
    if missing:
        pytest.skip(f"needs a real Moodle: {' and '.join(missing)} not set (docs/developers/testing.md)")


@pytest.fixture(scope="session")
def made(real_moodle: None) -> dict[str, Any]:
    """A course with assignments of every kind: the numbers of course, assignments and people, its teacher, tokens."""
    if "MOODLE_DIR" not in os.environ:
        pytest.skip("needs MOODLE_DIR, the folder of the real Moodle")
    script = Path(__file__).with_name("assignment_course.php")
    php = ["php", "--", os.environ["MOODLE_DIR"], ",".join((SITE, *MARKING.functions, *READING_BACK.functions))]
    command = ["runuser", "-u", "www-data", "--", *php] if os.geteuid() == 0 else php
    output = subprocess.check_output(command, input=script.read_bytes(), stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(output.decode().strip().splitlines()[-1])
    return found


@pytest.fixture(scope="session")
def playwright(real_moodle: None) -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def people(chromium: Browser) -> Iterator[People]:
    everybody = People(browser=chromium)
    yield everybody
    everybody.close()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """The running tool, and what Moodle calls it."""

    url: str
    type_id: int


@pytest.fixture(scope="session")
def tool(people: People, settings_of_tool: Settings, database: str) -> Iterator[Tool]:
    with running(settings_of_tool, database):
        invitation = switched_on(settings_of_tool, engine_for(database))
        yield Tool(url=settings_of_tool.public_url, type_id=driver.register(people, invitation))


@pytest.fixture(scope="session")
def settings_of_tool(folder: Path) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    environment = {
        "LECTERN_PUBLIC_URL": f"http://{address}",
        "LECTERN_BIND": address,
        "LECTERN_DATA_DIR": str(folder),
        "LECTERN_KEYS_DIR": str(folder / "keys"),
        "LECTERN_ALLOW_LOOPBACK_PLATFORMS": "yes",
        "LECTERN_WEB_WORKERS": "1",
        "LECTERN_WEB_THREADS": "64",
    }
    return Settings.from_env(environment)


@pytest.fixture(scope="session")
def folder(real_moodle: None) -> Iterator[Path]:
    """Passable for the user that the database runs as."""
    with tempfile.TemporaryDirectory(prefix="lectern-moodle-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(scope="session")
def database(folder: Path) -> Iterator[str]:
    with EmbeddedPostgres.start(folder, fast=True) as server:
        engine = engine_for(server.url)
        check_database(engine)
        upgrade(engine)
        engine.dispose()
        yield server.url
    remove_database(folder)


def switched_on(settings: Settings, engine: Engine) -> str:
    """Nothing leaves a new installation until somebody says so; then an address that registers one platform."""
    secrets = load_secrets(settings.keys_dir)
    with transaction(engine) as session:
        write(session, ENABLED, True)
        token = invite(session, secrets, allows_private_addresses=True)
    engine.dispose()
    return registration_url(settings, token)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The four activities in a course: course modules by name."""

    course: int
    modules: dict[str, int]

    def __getitem__(self, name: str) -> int:
        return self.modules[name]


NAMES = {"tutor": "Questions", "activity": "Essay on ice", "exam": "Paper exam", "dashboard": "Overview"}


@pytest.fixture(scope="session")
def placed(people: People, tool: Tool) -> Placed:
    """All four kinds at once, through the picker, as a teacher adds them."""
    course = driver.course_id("CHE110")
    modules = driver.deep_link(people, tool.type_id, tool.url, course, choose_all)
    return Placed(course=course, modules=modules)


def choose_all(picker: Frame) -> None:
    for kind, name in NAMES.items():
        picker.check(f"#kind-{kind}")
        picker.fill(f"#{kind}-title", name)
    picker.fill("#activity-points", "20")
    picker.fill("#activity-rubric", "Reasons: 12\nWriting: 8")
    picker.get_by_role("button", name="Add").click()
