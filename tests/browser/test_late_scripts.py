"""On a slow line a person is quicker than a page's script: what they did before it came counts when it comes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.conftest import Someone
from tests.browser.person import Person

COMES = """script => {
  const late = document.createElement("script");
  [late.type, late.src] = ["module", `${script.src}?late`];
  document.head.append(late);
}"""

Late = Callable[[Person, str], Callable[[FrameLocator], None]]


@pytest.fixture
def late() -> Late:
    """late(person, "a.js") keeps a script from their pages until what it returned is called with the page."""

    def keep_away(person: Person, script: str) -> Callable[[FrameLocator], None]:
        person.page.route(f"**/{script}", lambda route: route.fulfill(body="", content_type="text/javascript"))
        return lambda frame: frame.locator(f'script[src$="/{script}"]').evaluate(COMES)

    return keep_away


@pytest.mark.usefixtures("world")
def test_chosen_scans_are_sent(someone: Someone, late: Late, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no scan")
    teresa = someone("teresa")
    comes = late(teresa, "scan-upload.js")
    board = teresa.open(PlacementKind.EXAM)
    board.locator("#files").set_input_files(tmp_path / "a.txt")
    comes(board)
    expect(board.locator('[data-part="files"] li[data-done]')).to_have_count(1)


def test_a_typed_text_is_kept(someone: Someone, late: Late) -> None:
    student = someone("esther")
    comes = late(student, "autosave.js")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median, because")
    comes(task)
    expect(task.locator('[data-part="draft-state"]')).to_contain_text("Draft kept at")


def test_a_text_whose_hand_in_was_refused_is_kept(someone: Someone) -> None:
    task = someone("esther").open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The mean, because")
    task.get_by_label("Files").set_input_files({"name": "a.bin", "mimeType": "text/plain", "buffer": bytes(range(256))})
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("alert")).to_contain_text("Nothing was stored")
    expect(task.locator('[data-part="draft-state"]')).to_contain_text("Draft kept at")


def test_ticked_levels_are_added_up(someone: Someone, late: Late) -> None:
    student, teacher = someone("esther"), someone("teresa")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median.")
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()
    comes = late(teacher, "rubric-total.js")
    desk = teacher.open(PlacementKind.ACTIVITY)
    desk.get_by_role("link", name="Esther").click()
    total = desk.locator('[data-part="total"]')
    expect(total).to_have_text("–")
    for criterion in desk.locator('[data-part="criterion"]').all():
        criterion.get_by_role("radio").last.check()
    comes(desk)
    expect(total).not_to_have_text("–")
