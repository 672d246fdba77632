"""One student's grade on its way: sent, changed, overridden in Moodle; and who may review the work."""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame

from tests.moodle import driver
from tests.moodle.conftest import Placed, Tool
from tests.moodle.driver import Mark, People

pytestmark = pytest.mark.timeout(900)

ESSAY = "Essay on ice"
WORK = "Ice floats because it is less dense than water."


@pytest.fixture(scope="module")
def handed_in(people: People, tool: Tool, placed: Placed) -> Placed:
    page, frame = driver.launch(people, "stud1", placed[ESSAY], tool.url)
    frame.fill("#text", WORK)
    frame.get_by_role("button", name="Hand in").click()
    frame.get_by_text("Receipt for attempt 1").wait_for()
    page.close()
    return placed


@pytest.fixture(scope="module")
def graded(people: People, tool: Tool, handed_in: Placed) -> Placed:
    approve(people, tool, handed_in, ("9", "5"), "Good <b>reasons</b>.")
    way_back = driver.address(handed_in[ESSAY])
    words = "Reasons: 9 / 12\nWriting: 5 / 8\n\nGood <b>reasons</b>."
    assert arrived(handed_in, 14).comment == f"{words}\n\n{way_back}"
    return handed_in


def test_an_approved_grade_arrives_with_its_comment_and_a_changed_one_replaces_it(
    people: People, tool: Tool, graded: Placed
) -> None:
    approve(people, tool, graded, ("10", "7"), "Second look.")
    assert "\n\nSecond look.\n\n" in arrived(graded, 17).comment


def test_a_grade_overridden_in_moodle_is_shown_as_overridden(people: People, tool: Tool, graded: Placed) -> None:
    driver.override(people, graded.course, ESSAY, "stud1", "3")
    approve(people, tool, graded, ("12", "8"), "Third look.")
    page, frame = driver.launch(people, "teach1", graded[ESSAY], tool.url)
    row = eventually(frame, "Sent, but the gradebook shows another")
    page.close()
    assert "20 / 20" in row and "3 / 20" in row
    assert driver.mark(graded.course, "stud1", ESSAY).points == 3


@pytest.mark.parametrize("user", ["teach1", "ta1", "stud1"])
def test_a_review_from_the_gradebook_opens_the_work_for_staff_and_its_author(
    people: People, tool: Tool, graded: Placed, user: str
) -> None:
    page = driver.review(people, user, graded[ESSAY], "stud1")
    page.wait_for_url(f"{tool.url}/l/**")
    page.get_by_text(WORK if user != "stud1" else "Your grade").first.wait_for()
    page.close()


def test_the_link_of_moodles_gradebook_opens_the_review(people: People, tool: Tool, graded: Placed) -> None:
    page = people.page("teach1")
    page.goto(f"{driver.MOODLE}/grade/report/grader/index.php?id={graded.course}")
    place = f"a[href*='mod/lti/grade.php?id={graded[ESSAY]}&'][href$='userid={driver.user_id('stud1')}']"
    page.goto(str(page.locator(place).first.get_attribute("href")))
    frame = driver.tool_frame(page, tool.url)
    frame.get_by_text(WORK).wait_for()
    page.close()


def test_a_student_who_forges_a_review_of_somebody_else_sees_nothing(
    people: People, tool: Tool, graded: Placed
) -> None:
    page = driver.review(people, "stud2", graded[ESSAY], "stud1")
    page.get_by_text("You may only see your own work.").wait_for()
    assert urlsplit(page.url).path == "/lti/launch"
    assert WORK not in page.content()
    page.close()


def approve(people: People, tool: Tool, placed: Placed, points: tuple[str, str], feedback: str) -> None:
    """Mark the work on the rubric, or mark it again, and approve."""
    page, frame = driver.launch(people, "teach1", placed[ESSAY], tool.url)
    frame.locator("tbody").get_by_role("link", name="Anna").click()
    frame.locator("#marks").wait_for()
    frame.wait_for_load_state()
    for criterion, given in zip(frame.locator("fieldset.criterion").all(), points, strict=True):
        criterion.get_by_label("Other points").fill(given)
    frame.fill("#feedback", feedback)
    frame.get_by_role("button", name="Approve and next").click()
    frame.get_by_text("is on its way").first.wait_for()
    page.close()


def arrived(placed: Placed, points: float, column: str = ESSAY) -> Mark:
    """What Moodle shows once it shows these points."""
    deadline = time.monotonic() + 60
    while (mark := driver.mark(placed.course, "stud1", column)).points != points:
        assert time.monotonic() < deadline, f"the gradebook still shows {mark}"
        time.sleep(0.5)
    return mark


def eventually(frame: Frame, words: str) -> str:
    """The row of the page "Grades" with these words; the platform is asked until it has them."""
    for _ in range(20):
        driver.open_tab(frame, "Grades")
        row = frame.locator("tbody tr", has_text=words)
        if row.count():
            return str(row.first.inner_text())
        frame.get_by_role("button", name="Ask what the platform shows").click()
        frame.page.wait_for_timeout(1000)
    raise AssertionError(f"no row says “{words}”")
