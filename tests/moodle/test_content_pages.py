"""A teacher lets the tutor read the course from Moodle, in Moodle; a student then gets an answer from it."""

import pytest
from playwright.sync_api import Frame, expect

from tests.moodle import driver
from tests.moodle.conftest import Placed, Tool
from tests.moodle.driver import People

pytestmark = pytest.mark.timeout(600)
SLOWLY = 180_000


def test_a_teacher_reads_the_course_and_a_student_is_answered_from_it(
    people: People, tool: Tool, placed: Placed
) -> None:
    page, frame = driver.launch(people, "teach1", placed["Questions"], tool.url)
    driver.open_tab(frame, "Material")
    enter_token(frame, driver.seed()["teacher_token"])
    frame.get_by_role("button", name="Read the course now").click()
    expect(frame.get_by_text("could not be read.")).to_be_visible(timeout=SLOWLY)
    expect(frame.get_by_role("link", name="Gas laws").first).to_have_attribute(
        "href", f"{driver.MOODLE}/mod/page/view.php?id=1"
    )
    key = frame.get_by_role("row").filter(has_text="Answer key (hidden)")
    expect(key).to_contain_text("Left out: hidden from students in the course")
    key.get_by_role("button", name="Use it").click()
    expect(key).to_contain_text("Ready", timeout=SLOWLY)
    expect(frame.locator("[data-unfinished]")).to_have_count(0, timeout=SLOWLY)
    page.close()
    page, frame = driver.launch(people, "stud1", placed["Questions"], tool.url)
    frame.get_by_role("button", name="I have read this").click()
    frame.fill("#question", "How many litres does one mole of an ideal gas fill?")
    frame.get_by_role("button", name="Send").click()
    source = frame.locator(".tutor-sources").get_by_text("Gas laws").first
    source.wait_for(timeout=SLOWLY)
    page.close()


def enter_token(frame: Frame, token: str) -> None:
    frame.get_by_role("link", name="Let the tutor read this course from Moodle").click()
    frame.fill("#token", token)
    frame.get_by_role("button", name="Try and keep").click()
    expect(frame.get_by_text("Moodle 4.5")).to_be_visible()
    assert token not in frame.content()
    frame.get_by_role("link", name="Back to the material").click()
