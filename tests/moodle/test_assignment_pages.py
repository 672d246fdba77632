"""A teacher marks an assignment of Moodle from the tool's pages, in Moodle, whose gradebook then shows the grade."""

import time
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from tests.moodle import driver
from tests.moodle.conftest import Tool
from tests.moodle.driver import Mark, People
from tests.moodle.test_content_pages import enter_token

pytestmark = pytest.mark.timeout(900)
SLOWLY = 180_000
TITLE = "Course overview"


def choose_dashboard(picker: Frame) -> None:
    picker.check("#kind-dashboard")
    picker.fill("#dashboard-title", TITLE)
    picker.get_by_role("button", name="Add").click()


def test_a_teacher_marks_an_assignment_of_moodle(people: People, tool: Tool, made: dict[str, Any]) -> None:
    password = {"password": "Pass-1234", "idnumber": ""}
    driver.seed()["users"] |= {made["teacher"]: password, "ben": password | {"id": made["people"]["ben"]}}
    modules = driver.deep_link(people, tool.type_id, tool.url, made["course"], choose_dashboard, user=made["teacher"])
    page, frame = driver.launch(people, made["teacher"], modules[TITLE], tool.url)
    driver.open_tab(frame, "Material")
    enter_token(frame, made["tokens"]["full"])
    driver.open_tab(frame, "Assignments")
    frame.get_by_role("link", name="Choose an assignment").click()
    expect(frame.get_by_role("row").filter(has_text="On a scale")).to_contain_text("It is graded on a scale.")
    frame.get_by_role("button", name="Mark here Essay on ice").click()
    fetched(frame)
    frame.get_by_role("button", name="Start marking Essay on ice").click()
    frame.locator("tbody").get_by_role("link", name="Ben Tester").click()
    frame.get_by_label("clear (4)", exact=True).check()
    frame.get_by_label("good (6)").check()
    frame.fill("#feedback", "All right.")
    frame.get_by_role("button", name="Approve and next").click()
    assert arrived(made["course"], 50).comment.endswith("All right.</p>")
    page.close()


def fetched(frame: Frame) -> None:
    for _ in range(60):
        driver.open_tab(frame, "Assignments")
        if frame.get_by_text("Handed in: 2. To mark: 2.").count():
            return
        frame.page.wait_for_timeout(1000)
    raise AssertionError(frame.locator("main").inner_text())


def arrived(course: int, points: float) -> Mark:
    """What Moodle's gradebook shows the student once it shows these points."""
    deadline = time.monotonic() + 120
    while (mark := driver.mark(course, "ben", "Essay on ice")).points != points:
        assert time.monotonic() < deadline, f"the gradebook still shows {mark}"
        time.sleep(0.5)
    return mark
