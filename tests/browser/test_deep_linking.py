"""A teacher adds the four kinds of activity through the picker in the course site's frame."""

from playwright.sync_api import expect

from tests.browser.conftest import Someone

HEADINGS = {
    "Ask about plants": "Course Assistant",
    "Herbarium": "Herbarium",
    "Botany on paper": "Paper exam",
    "Plants so far": "The last 30 days",
}


def test_a_teacher_places_all_four_kinds_and_opens_each(someone: Someone) -> None:
    teacher = someone("tobias")
    page = teacher.page
    page.get_by_role("link", name="Add activities with").click()
    picker = teacher.frame
    for kind, title in zip(("Tutor", "Graded activity", "Paper exam", "Dashboard"), HEADINGS, strict=True):
        card = picker.locator(".card", has=picker.get_by_label(kind, exact=True))
        card.get_by_label(kind, exact=True).check()
        card.get_by_label("Title").fill(title)
    picker.get_by_label("Rubric, if there is one").fill("Names: 60\nDrawings: 40")
    picker.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/course/2")
    for title, heading in HEADINGS.items():
        page.get_by_role("main").get_by_role("link", name=title).first.click()
        expect(teacher.frame.get_by_role("heading", level=1)).to_have_text(heading)
        page.goto(teacher.site("/course/2"))
