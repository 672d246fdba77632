"""Our own graded activity in Moodle's frame: work handed in, marked on a rubric, taken back, released, asked about.

The tests follow one work from the first to the last; the fixtures are its states.
"""

import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.moodle import driver
from tests.moodle.conftest import Tool
from tests.moodle.driver import Mark, People

pytestmark = pytest.mark.timeout(900)

TITLE = "Essay on steam"
TEXT = "Steam lifts the lid. It needs more room than the water it was."
NOTES = b"The kettle boiled at 99 degrees.\n"
FEEDBACK = "Clear, and measured."
RUBRIC = {"Reasons": (0, 3, 6, 9, 12), "Evidence": (0, 2, 4, 6, 8)}
HELD = "waits for its release"


@dataclass(frozen=True, kw_only=True)
class Essay:
    """One activity of the course CHE110, and those who come to it."""

    people: People
    tool: Tool
    course: int
    module: int

    def open(self, user: str) -> tuple[Page, Frame]:
        return driver.launch(self.people, user, self.module, self.tool.url)

    def mark(self) -> Mark:
        return driver.mark(self.course, "stud2", TITLE)


@pytest.fixture(scope="module")
def essay(people: People, tool: Tool) -> Essay:
    """Made without a rubric in the picker; its rubric in the editor; released when the teacher says so."""
    course = driver.course_id("CHE110")
    modules = driver.deep_link(people, tool.type_id, tool.url, course, choose_activity)
    made = Essay(people=people, tool=tool, course=course, module=modules[TITLE])
    page, frame = made.open("teach1")
    frame.get_by_role("link", name="Add a rubric").click()
    for number, (title, points) in enumerate(RUBRIC.items(), start=1):
        write_criterion(frame, number, title, points)
    frame.get_by_role("button", name="Save the rubric").click()
    expect(frame.get_by_text("The rubric is saved as version 1.")).to_be_visible()
    frame.get_by_role("link", name="Back to the students").click()
    frame.get_by_role("link", name="How it is marked").click()
    frame.get_by_label("When I release them").check()
    frame.get_by_role("button", name="Save", exact=True).first.click()
    expect(frame.get_by_text("Saved.")).to_be_visible()
    page.close()
    return made


def choose_activity(picker: Frame) -> None:
    picker.check("#kind-activity")
    picker.fill("#activity-title", TITLE)
    picker.fill("#activity-points", "20")
    picker.get_by_role("button", name="Add").click()


def write_criterion(frame: Frame, number: int, title: str, points: tuple[int, ...]) -> None:
    """The editor begins with one criterion that gives all the points."""
    if number > 1:
        frame.get_by_role("button", name="Add a criterion").click()
    criterion = frame.get_by_role("group", name=f"Criterion {number}", exact=True)
    criterion.get_by_label("Title", exact=True).fill(title)
    fields = criterion.get_by_label("Points", exact=True)
    for field, given in zip(fields.all(), points, strict=True):
        field.fill(str(given))
    criterion.get_by_label("Level", exact=True).last.fill("full")


@pytest.fixture(scope="module")
def handed_in(essay: Essay) -> Essay:
    page, frame = essay.open("stud2")
    frame.get_by_label("Your text").fill(TEXT)
    frame.get_by_label("Files").set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": NOTES})
    frame.get_by_role("button", name="Hand in").click()
    expect(frame.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()
    expect(frame.get_by_role("main")).to_contain_text("notes.txt")
    page.close()
    return essay


@pytest.fixture(scope="module")
def approved(handed_in: Essay) -> Essay:
    """Marked with a quotation from the text and one from the file; it waits for its release."""
    page, frame = handed_in.open("teach1")
    frame.get_by_role("link", name="Start marking").click()
    for title, level, quotation in (("Reasons", "9", "needs more room"), ("Evidence", "full", "boiled at 99")):
        criterion = frame.locator("fieldset.criterion", has_text=title)
        criterion.get_by_label(level).check()
        criterion.get_by_text("Quotations from the work").click()
        criterion.get_by_label("One on a line").fill(quotation)
    frame.get_by_label("Feedback to the student").fill(FEEDBACK)
    expect(frame.locator('[data-part="total"]')).to_have_text("17")
    frame.get_by_role("button", name="Approve and next").click()
    expect(frame.get_by_text(HELD).first).to_be_visible()
    page.close()
    return handed_in


def test_an_approval_that_waits_reaches_nobody_and_can_be_undone(approved: Essay) -> None:
    assert approved.mark() == Mark(points=None, comment="")
    page, frame = approved.open("stud2")
    expect(frame.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()
    expect(frame.get_by_role("heading", name="Your grade")).to_have_count(0)
    page.close()
    page, frame = approved.open("teach1")
    frame.get_by_role("button", name="Undo").click()
    expect(frame.get_by_text("The approval is taken back.")).to_be_visible()
    expect(frame.locator("mark.evidence")).to_contain_text(["needs more room", "boiled at 99"])
    page.close()


@pytest.fixture(scope="module")
def released(approved: Essay) -> Essay:
    page, frame = approved.open("teach1")
    frame.locator("tbody th").get_by_role("link").click()
    frame.get_by_role("button", name="Approve and next").click()
    expect(frame.get_by_text(HELD).first).to_be_visible()
    frame.get_by_role("button", name="Release 1 grade").click()
    expect(frame.get_by_text("1 grade released.")).to_be_visible()
    page.close()
    return approved


def test_a_release_takes_points_and_comment_with_the_way_back_into_the_gradebook(released: Essay) -> None:
    marks = "Reasons: 9 / 12 “needs more room”\nEvidence: 8 / 8 (full) “boiled at 99”"
    assert arrived(released, 17).comment == f"{marks}\n\n{FEEDBACK}\n\n{driver.address(released.module)}"


def test_the_student_reads_who_approved_and_what_the_marks_are_about(released: Essay) -> None:
    page, frame = released.open("stud2")
    expect(frame.get_by_role("heading", name="Your grade: 17 / 20")).to_be_visible()
    expect(frame.get_by_text("Approved by")).to_be_visible()
    expect(frame.get_by_text(FEEDBACK)).to_be_visible()
    expect(frame.locator("mark.evidence")).to_contain_text(["needs more room", "boiled at 99"])
    page.close()


def test_the_gradebook_opens_the_marked_work(released: Essay) -> None:
    page = released.people.page("teach1")
    page.goto(f"{driver.MOODLE}/grade/report/grader/index.php?id={released.course}")
    place = f"a[href*='mod/lti/grade.php?id={released.module}&'][href$='userid={driver.user_id('stud2')}']"
    page.goto(str(page.locator(place).first.get_attribute("href")))
    frame = driver.tool_frame(page, released.tool.url)
    expect(frame.get_by_label("Feedback to the student")).to_have_value(FEEDBACK)
    expect(frame.locator("mark.evidence")).to_have_count(2)
    page.close()


def test_a_student_asks_for_a_regrade_and_reads_the_answer(released: Essay) -> None:
    page, frame = released.open("stud2")
    frame.get_by_label("If you think the grade is wrong").fill("Please look at the reasons again.")
    frame.get_by_role("button", name="Ask for a regrade").click()
    expect(frame.get_by_text("Not answered yet.")).to_be_visible()
    page.close()
    page, frame = released.open("teach1")
    frame.locator("tbody tr", has_text="Regrade asked for").get_by_role("link").first.click()
    frame.get_by_label("Your answer to the student").fill("Nine points are right.")
    frame.get_by_role("button", name="Send the answer").click()
    expect(frame.get_by_text("Your answer was sent to the student.")).to_be_visible()
    page.close()
    page, frame = released.open("stud2")
    expect(frame.get_by_text("Nine points are right.")).to_be_visible()
    page.close()


def arrived(essay: Essay, points: float) -> Mark:
    """What Moodle's gradebook shows the student once it shows these points."""
    deadline = time.monotonic() + 120
    while (mark := essay.mark()).points != points:
        assert time.monotonic() < deadline, f"the gradebook still shows {mark}"
        time.sleep(0.5)
    return mark
