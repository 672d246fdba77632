"""Registration, the picker and launches, with each of Moodle's roles."""

import pytest

from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(900)

HEADINGS = {
    "teach1": ("Course Assistant", "Essay on ice", "Paper exam", "The last 30 days"),
    "stud1": ("Course Assistant", "Essay on ice", "Your paper", "Dashboard"),
}


def test_the_registered_tool_is_active_and_the_picker_adds_all_four_kinds(placed: Placed) -> None:
    assert set(placed.modules) == set(NAMES.values())


@pytest.mark.parametrize("user", HEADINGS)
def test_each_placement_opens_for_a_role(people: People, tool: Tool, placed: Placed, user: str) -> None:
    seen = []
    for name in NAMES.values():
        page, frame = driver.launch(people, user, placed[name], tool.url)
        seen.append(driver.heading(frame))
        page.close()
    assert tuple(seen) == HEADINGS[user]


def test_an_administrator_who_is_not_enrolled_has_the_site_pages(people: People, tool: Tool, placed: Placed) -> None:
    page, frame = driver.launch(people, "admin", placed["Overview"], tool.url)
    assert "Site" in driver.tabs(frame)
    driver.open_tab(frame, "Site")
    page.close()


def test_the_tool_never_scrolls_sideways_on_a_phone(people: People, tool: Tool, placed: Placed) -> None:
    for user in HEADINGS:
        for name in NAMES.values():
            page, frame = driver.launch(people, user, placed[name], tool.url, width=360, height=740)
            assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (user, name)
            page.close()
