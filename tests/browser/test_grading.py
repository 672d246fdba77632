"""From a student's work to the course site's gradebook, in the frame."""

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from lti_tool.accounts.models import PlacementKind
from lti_tool.db import transaction
from lti_tool.grading.desk.models import Look
from tests.browser.campus import Campus, until
from tests.browser.checks import scripts_have_run
from tests.browser.conftest import Someone
from tests.browser.person import Person
from tests.fixtures.patience import PATIENCE

A_SECOND_LATER = "() => new Promise((later) => setTimeout(later, 1000))"


def gradebook_shows(person: Person, *texts: str) -> None:
    """The worker sends the grade after the approval: look until it has arrived."""
    page: Page = person.page
    page.goto(person.site("/course/1/grades"))
    row = page.get_by_role("row").filter(has_text=texts[0])
    for _ in range(PATIENCE * 4):
        if all(text in row.inner_text() for text in texts):
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"{texts} is not in: {row.inner_text()}")


def test_a_graded_and_approved_work_arrives_in_the_gradebook(someone: Someone) -> None:
    student = someone("gita")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median, because it does not mind one very rich family.")
    task.get_by_label("Files").set_input_files({"name": "data.txt", "mimeType": "text/plain", "buffer": b"1, 2, 900"})
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()

    teacher = someone("teresa")
    desk = teacher.open(PlacementKind.ACTIVITY)
    desk.get_by_role("link", name="Gita Raman").click()
    expect(desk.get_by_role("main")).to_contain_text("one very rich family")
    scripts_have_run(desk)
    for criterion in desk.locator('[data-part="criterion"]').all():
        criterion.get_by_role("radio").last.check()
    desk.get_by_label("Feedback to the student").fill("Clearly argued.")
    total = desk.locator('[data-part="total"]').inner_text()
    desk.get_by_role("button", name="Approve and next").click()
    expect(desk.get_by_role("status").first).to_contain_text("Approved")

    gradebook_shows(student, "Gita Raman", total.split(" ")[0], "Clearly argued.")
    expect(student.open(PlacementKind.ACTIVITY).get_by_role("heading", name=f"Your grade: {total}")).to_be_visible()


def seconds_counted(campus: Campus) -> int:
    with transaction(campus.runtime.engine) as session:
        return session.scalar(select(func.sum(Look.seconds))) or 0


def test_work_is_marked_by_keyboard_alone_and_time_at_it_is_counted(someone: Someone, campus: Campus) -> None:
    before = seconds_counted(campus)
    student = someone("felix")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median stays where it was.")
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()

    teacher = someone("teresa")
    desk = teacher.open(PlacementKind.ACTIVITY)
    desk.get_by_role("link", name="Felix Nguyễn").click()
    expect(desk.get_by_role("heading", name="Marks")).to_be_visible()
    scripts_have_run(desk)
    page = teacher.page
    for key in ("e", "5", "]", "5", "]", "5", "f"):
        page.keyboard.press(key)
    page.keyboard.type("jk and well argued")
    # What is counted is a whole second; the page's own clock has struck before a later one of its timers does.
    desk.locator("body").evaluate(A_SECOND_LATER)
    page.keyboard.press("Control+Enter")
    expect(desk.get_by_role("status").first).to_contain_text("Approved: the grade of Felix")
    # The page tells it while it goes, and nobody waits for that.
    until(lambda: seconds_counted(campus) > before)
    desk.get_by_role("navigation", name="Sections").get_by_role("link", name="Activity").click()
    desk.get_by_role("link", name="How long marking takes").click()
    expect(desk.get_by_role("row").filter(has_text="The whole course")).not_to_contain_text("– 0 – 0")
