"""What scripts add to the rubric's editor and to a student's text: the page stays where it is."""

from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.checks import scripts_have_run
from tests.browser.conftest import Someone


def test_a_button_of_the_editor_keeps_the_page_and_leads_to_the_new_field(someone: Someone) -> None:
    teacher = someone("teresa")
    desk = teacher.open(PlacementKind.ACTIVITY)
    desk.get_by_role("link", name="Edit the rubric").click()
    expect(desk.get_by_role("button", name="Add a criterion")).to_be_visible()
    scripts_have_run(desk)
    title = desk.get_by_label("Title", exact=True).first
    title.fill("A title that nobody saved")
    desk.get_by_role("button", name="Add a criterion").click()
    expect(desk.get_by_role("group", name="Criterion 4", exact=True)).to_be_visible()
    expect(desk.get_by_label("Title", exact=True).nth(3)).to_be_focused()
    expect(title).to_have_value("A title that nobody saved")
    desk.get_by_label("Points", exact=True).last.fill("14")
    expect(desk.locator('[data-part="total"]')).to_have_text("34")


def test_a_text_that_is_being_written_survives_a_reload(someone: Someone) -> None:
    student = someone("chiara")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median, because")
    expect(task.locator('[data-part="draft-state"]')).to_contain_text("Draft kept at")
    again = student.open(PlacementKind.ACTIVITY)
    expect(again.get_by_label("Your text")).to_have_value("The median, because")
