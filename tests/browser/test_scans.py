"""From a pile of scans to the course site's gradebook and back to the student, in the frame."""

import pytest
from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.checks import scripts_have_run
from tests.browser.conftest import Someone
from tests.browser.person import Person
from tests.browser.test_grading import gradebook_shows
from tests.browser.world import SUBJECT, register_number, scan
from tests.fixtures.patience import PATIENCE


@pytest.mark.usefixtures("world")
def test_a_scanned_paper_is_matched_confirmed_marked_on_a_rubric_and_sent(someone: Someone) -> None:
    teacher, student = someone("teresa"), someone("chiara")
    board = teacher.open(PlacementKind.EXAM)
    name = f"{register_number('chiara')}_{SUBJECT}.pdf"
    board.get_by_label("Add scanned papers").set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": scan(name)}
    )
    board.get_by_role("button", name="Confirm Chiara").click()
    expect(board.get_by_role("button", name="Confirm Chiara")).to_have_count(0)

    paper = student.open(PlacementKind.EXAM)
    paper.get_by_role("button", name="Yes, this is mine").click()
    paper.get_by_role("button", name="This is my paper, complete").click()
    expect(paper.get_by_role("heading", name="You have confirmed this paper")).to_be_visible()

    desk = teacher.open(PlacementKind.EXAM)
    desk.get_by_role("link", name="Marking", exact=True).click()
    desk.get_by_role("link", name="Add a rubric").click()
    desk.get_by_label("Title", exact=True).fill("Question 1")
    desk.get_by_role("button", name="Save the rubric").click()
    expect(desk.get_by_role("status").first).to_contain_text("saved as version 1")

    lies_on_desk(teacher, "Chiara")
    scripts_have_run(desk)
    desk.get_by_role("radio").last.check()
    desk.get_by_label("Feedback to the student").fill("Question 1 is very good.")
    total = desk.locator('[data-part="total"]').inner_text()
    desk.get_by_role("button", name="Approve and next").click()
    expect(desk.get_by_role("status").first).to_contain_text("Approved")
    gradebook_shows(student, "Chiara", total.split(" ")[0], "Question 1 is very good.")

    paper = student.open(PlacementKind.EXAM)
    expect(paper.get_by_role("heading", name=f"Your grade: {total}")).to_be_visible()
    expect(paper.get_by_role("row").filter(has_text="Question 1")).to_contain_text(total)
    expect(paper.get_by_role("main")).to_contain_text("Approved by Teresa")
    paper.get_by_label("If you think the grade is wrong").fill("Please look at page 1 again.")
    paper.get_by_role("button", name="Ask for a regrade").click()
    expect(paper.get_by_role("main")).to_contain_text("Not answered yet.")


def lies_on_desk(teacher: Person, name: str) -> None:
    """The worker puts the PDF together after the confirmation: look until it is there, and open it."""
    for _ in range(PATIENCE * 4):
        desk = teacher.open(PlacementKind.EXAM)
        desk.get_by_role("link", name="Marking", exact=True).click()
        expect(desk.get_by_role("heading", level=1)).to_contain_text("examination")
        work = desk.get_by_role("rowheader", name=name).get_by_role("link")
        if work.count():
            work.first.click()
            expect(desk.get_by_role("heading", name="Marks", exact=True)).to_be_visible()
            return
        teacher.page.wait_for_timeout(250)
    raise AssertionError(f"the paper of {name} is not on the desk")
