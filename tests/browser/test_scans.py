"""From a pile of scans to the course site's gradebook, in the frame."""

import pytest
from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.conftest import Someone
from tests.browser.test_grading import gradebook_shows
from tests.browser.world import SUBJECT, register_number, scan


@pytest.mark.usefixtures("world")
def test_a_scanned_paper_is_matched_confirmed_graded_and_sent(someone: Someone) -> None:
    teacher, student = someone("teresa"), someone("felix")
    board = teacher.open(PlacementKind.EXAM)
    name = f"{register_number('felix')}_{SUBJECT}.pdf"
    board.get_by_label("Add scanned papers").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": scan(name)}
    )
    board.get_by_role("button", name="Confirm Felix").click()

    paper = student.open(PlacementKind.EXAM)
    paper.get_by_role("button", name="Yes, this is mine").click()
    paper.get_by_role("button", name="This is my paper, complete").click()
    expect(paper.get_by_role("heading", name="You have confirmed this paper")).to_be_visible()

    board = teacher.open(PlacementKind.EXAM)
    board.get_by_role("row").filter(has_text="Felix").get_by_role("link").first.click()
    board.get_by_label("Points, of").fill("77")
    board.get_by_label("Comment for the student").fill("Question 2 is very good.")
    board.get_by_role("button", name="Approve and next").click()
    gradebook_shows(student, "Felix", "77", "Question 2 is very good.")
