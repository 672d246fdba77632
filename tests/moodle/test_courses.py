"""A course of 128 people, and a copy of a course."""

import uuid

import pytest
from playwright.sync_api import Frame

from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(900)


def test_a_roster_of_128_arrives_and_the_non_editing_teacher_stays_staff(people: People, tool: Tool) -> None:
    course = driver.course_id("GEO210")
    module = driver.deep_link(people, tool.type_id, tool.url, course, choose_activity)["Map work"]
    page, frame = driver.launch(people, "teach1", module, tool.url)
    for _ in range(60):
        driver.open_tab(frame, "People")
        if "128" in frame.locator("caption").inner_text():
            break
        if frame.get_by_text("has not been fetched").count():
            frame.get_by_role("button", name="Fetch now").click()
        page.wait_for_timeout(1000)
    assert frame.locator("caption").inner_text() == "Participants: 128"
    page.close()
    page, frame = driver.launch(people, "ta1", module, tool.url)
    # Learner in Moodle's roster, Instructor at launch: may grade, and does not run the course.
    assert driver.tabs(frame) == ["Activity", "Dashboard", "Grades", "Assignments"]
    page.close()


def test_a_copied_course_has_activities_of_its_own_without_the_past(people: People, tool: Tool, placed: Placed) -> None:
    page, frame = driver.launch(people, "stud2", placed[NAMES["activity"]], tool.url)
    frame.fill("#text", "Work that stays in its course.")
    frame.get_by_role("button", name="Hand in").click()
    frame.get_by_text("Receipt for attempt 1").wait_for()
    page.close()
    copied = driver.activities(driver.copy_course(placed.course, f"copy-{uuid.uuid4().hex[:8]}"))
    module = max(copied[name] for name in copied if name == NAMES["activity"])
    page, frame = driver.launch(people, "stud2", module, tool.url)
    assert driver.heading(frame) == NAMES["activity"]
    assert frame.get_by_text("Not handed in yet").count() == 1
    assert frame.get_by_text("Reasons").count() > 0, "the rubric is copied"
    page.close()


def choose_activity(picker: Frame) -> None:
    picker.check("#kind-activity")
    picker.fill("#activity-title", "Map work")
    picker.fill("#activity-points", "10")
    picker.get_by_role("button", name="Add").click()
