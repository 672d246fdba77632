"""A course with its activities restored on another Moodle: its people are strangers, and see nothing of the first site.

Runs only where OTHER_MOODLE_URL names a second site seeded like the first, and MOODLE_DIR and OTHER_MOODLE_DIR their
code; MOODLE_PHP is how their PHP is called (`runuser -u www-data -- php`).
"""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lti_tool.config import Settings
from lti_tool.db import engine_for
from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool, switched_on
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(900)

NEEDED = ("OTHER_MOODLE_URL", "MOODLE_DIR", "OTHER_MOODLE_DIR")
SECRET = "Words that were written on the first site."
ESSAY = NAMES["activity"]


@pytest.fixture
def backup(people: People, tool: Tool, placed: Placed) -> Iterator[Path]:
    """The course as a file, after somebody has worked in it."""
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        pytest.skip(f"needs a second Moodle: {' and '.join(missing)} not set")
    page, frame = driver.launch(people, "stud5", placed[ESSAY], tool.url)
    frame.fill("#text", SECRET)
    frame.get_by_role("button", name="Hand in").click()
    frame.get_by_text("Receipt for attempt 1").wait_for()
    page.close()
    with tempfile.TemporaryDirectory(prefix="lectern-backup-") as made:
        Path(made).chmod(0o777)
        php("MOODLE_DIR", "backup.php", f"--courseid={placed.course}", f"--destination={made}")
        yield next(Path(made).glob("*.mbz"))


@pytest.fixture
def strangers(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    """The people of the other site: the same names and numbers, in browsers of their own."""
    monkeypatch.setattr(driver, "MOODLE", os.environ["OTHER_MOODLE_URL"].rstrip("/"))
    everybody = People(browser=chromium)
    yield everybody
    everybody.close()


def test_a_course_restored_on_another_site_is_foreign_and_shows_nothing_of_the_first(
    backup: Path, strangers: People, tool: Tool, settings_of_tool: Settings, database: str
) -> None:
    driver.register(strangers, switched_on(settings_of_tool, engine_for(database)))
    module = driver.activities(restored(backup))[ESSAY]
    page, frame = driver.launch(strangers, "stud5", module, tool.url)
    assert driver.heading(frame) == "Please wait for your teacher" and SECRET not in frame.content()
    page.close()
    page, frame = driver.launch(strangers, "teach1", module, tool.url)
    assert driver.heading(frame) == "Set up this activity" and SECRET not in frame.content()
    frame.check("#kind-activity")
    frame.fill("#activity-title", "Set up anew")
    frame.fill("#activity-points", "10")
    frame.get_by_role("button", name="Set up").click()
    frame.get_by_role("heading", name="Set up anew").wait_for()
    assert frame.get_by_text("There is no rubric yet").count() == 1 and SECRET not in frame.content()
    page.close()
    page, frame = driver.launch(strangers, "stud5", module, tool.url)
    frame.get_by_text("Not handed in yet").wait_for()
    assert SECRET not in frame.content()
    page.close()


def restored(backup: Path) -> int:
    """The course's number on the other site."""
    before = {course["id"] for course in driver.call("core_course_get_courses")}
    php("OTHER_MOODLE_DIR", "restore_backup.php", f"--file={backup}", "--categoryid=1")
    [made] = {course["id"] for course in driver.call("core_course_get_courses")} - before
    return int(made)


def php(folder: str, script: str, *words: str) -> None:
    command = shlex.split(os.environ.get("MOODLE_PHP", "php"))
    path = Path(os.environ[folder], "admin", "cli", script)
    subprocess.run([*command, str(path), *words], check=True, capture_output=True, cwd=path.parent)
