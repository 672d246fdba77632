"""Marks that are placed faster than the server answers, and words typed beside them meanwhile, are all there."""

from playwright.sync_api import expect

from tests.browser.conftest import Someone
from tests.browser.test_page_marks import hand_in, open_desk


def test_two_ticks_at_once_and_words_at_a_third_mark_stay(someone: Someone) -> None:
    student, teacher = someone("esther"), someone("teresa")
    # In a whole run she has handed in before.
    hand_in(student, "The mode is 3", attempt="")
    desk = open_desk(teacher, "Esther")
    surface = desk.locator('[data-part="surface"]').first
    listed = desk.locator('[data-part="marks"]').first.get_by_role("listitem")
    desk.get_by_role("button", name="Tick").click()
    surface.click(position={"x": 60, "y": 40})
    expect(listed).to_have_count(1)
    listed.get_by_text("Change").click()
    words = listed.first.get_by_label("What you say about it")
    words.fill("Which data?")
    for key in ("ArrowDown", "Enter", "ArrowDown", "Enter"):
        surface.press(key)
    expect(listed).to_have_count(3)
    expect(words).to_be_visible()
    expect(words).to_have_value("Which data?")
    listed.first.get_by_role("button", name="Save the mark").dblclick()
    expect(listed.first).to_contain_text("Which data?")
    expect(desk.locator('[data-part="said"]')).to_have_text("Changed.")
    expect(desk.locator('[data-part="refused"]')).to_be_hidden()
