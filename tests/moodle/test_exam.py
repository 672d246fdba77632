"""A paper exam from the scanner to Moodle's gradebook, in Moodle's frame."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.world import scan
from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool
from tests.moodle.driver import People
from tests.moodle.test_grades import arrived

pytestmark = pytest.mark.timeout(900)

EXAM = NAMES["exam"]
SUBJECT = "20CH110"
PICTURES = os.environ.get("MOODLE_SCREENSHOTS", "")
WORDS = "Question 3 is very good."


def test_scans_are_matched_confirmed_graded_and_reach_the_gradebook(people: People, tool: Tool, placed: Placed) -> None:
    page, board = driver.launch(people, "teach1", placed[EXAM], tool.url)
    fetch_people(page, board)
    board = reopen(page, placed, tool)
    board.fill("#code", SUBJECT)
    board.get_by_role("button", name="Save").click()
    board.get_by_text("Saved.").wait_for()
    names = [f"{driver.seed()['users'][user]['idnumber']}_{SUBJECT}.pdf" for user in ("stud1", "stud2")]
    files = [{"name": name, "mimeType": "application/pdf", "buffer": scan(name)} for name in names]
    board.set_input_files("#files", files)  # type: ignore[arg-type]
    for name in ("Anna", "Ben"):
        board.get_by_role("button", name=f"Confirm {name}").wait_for()
    board = reopen(page, placed, tool)
    waiting, upload = (board.locator(part).bounding_box() for part in ("#to-confirm", "#files"))
    assert waiting and upload and waiting["y"] < upload["y"]
    picture(page, "exam-board")
    board.get_by_role("button", name="Confirm Anna").click()
    board.get_by_text("1 paper released.").wait_for()
    page.close()

    confirm_own(people, tool, placed)

    page, desk = driver.launch(people, "teach1", placed[EXAM], tool.url)
    desk = lies_on_desk(page, desk, placed, tool)
    picture(page, "exam-desk")
    desk.get_by_label("Points (0 to").fill("61.5")
    desk.get_by_label("Feedback to the student").fill(WORDS)
    desk.get_by_role("button", name="Approve").first.click()
    desk.get_by_text("is on its way").wait_for()
    page.close()
    comment = arrived(placed, 61.5, EXAM).comment
    assert WORDS in comment and comment.endswith(driver.address(placed[EXAM]))
    assert driver.mark(placed.course, "stud2", EXAM).points is None


def lies_on_desk(page: Page, board: Frame, placed: Placed, tool: Tool) -> Frame:
    """The worker puts the PDF together after the confirmation: look until it is there, and open it."""
    for _ in range(60):
        driver.open_tab(board, "Marking")
        work = board.get_by_role("rowheader", name="Anna").get_by_role("link")
        if work.count():
            work.first.click()
            board.get_by_role("heading", name="Marks", exact=True).wait_for()
            return board
        page.wait_for_timeout(1000)
        board = reopen(page, placed, tool)
    raise AssertionError("the paper is not on the desk")


def confirm_own(people: People, tool: Tool, placed: Placed) -> None:
    page, paper = driver.launch(people, "stud1", placed[EXAM], tool.url)
    picture(page, "exam-student")
    paper.get_by_role("button", name="Yes, this is mine").click()
    paper.get_by_role("button", name="This is my paper, complete").click()
    paper.get_by_role("heading", name="You have confirmed this paper").wait_for()
    page.close()
    page, paper = driver.launch(people, "stud2", placed[EXAM], tool.url)
    assert paper.get_by_role("button", name="Yes, this is mine").count() == 0, "not released yet"
    page.close()


def fetch_people(page: Page, frame: Frame) -> None:
    """Names of files are matched with the roster."""
    for _ in range(60):
        driver.open_tab(frame, "People")
        if frame.locator("tbody").get_by_text("Anna").count():
            return
        if frame.get_by_role("button", name="Fetch now").count():
            frame.get_by_role("button", name="Fetch now").first.click()
        page.wait_for_timeout(1000)
    raise AssertionError("the roster did not come")


def reopen(page: Page, placed: Placed, tool: Tool) -> Frame:
    page.goto(f"{driver.MOODLE}/mod/lti/view.php?id={placed[EXAM]}")
    return driver.tool_frame(page, tool.url)


def picture(page: Page, name: str) -> None:
    """For whoever wants to look."""
    if PICTURES:
        page.wait_for_timeout(500)
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
