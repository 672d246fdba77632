"""On a slow line a person is quicker than a page's script: what they did before it came counts when it comes."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.conftest import Someone
from tests.browser.late import keep_away, let_come


@pytest.mark.usefixtures("world")
def test_chosen_scans_are_sent(someone: Someone, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no scan")
    teresa = someone("teresa")
    keep_away(teresa.page, "scan-upload.js")
    board = teresa.open(PlacementKind.EXAM)
    board.locator("#files").set_input_files(tmp_path / "a.txt")
    let_come(board, "scan-upload.js")
    expect(board.locator('[data-part="files"] li[data-done]')).to_have_count(1)


def test_a_typed_text_is_kept(someone: Someone) -> None:
    student = someone("esther")
    keep_away(student.page, "autosave.js")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median, because")
    let_come(task, "autosave.js")
    expect(task.locator('[data-part="draft-state"]')).to_contain_text("Draft kept at")


def test_a_text_whose_hand_in_was_refused_is_kept(someone: Someone) -> None:
    task = someone("esther").open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The mean, because")
    task.get_by_label("Files").set_input_files({"name": "a.bin", "mimeType": "text/plain", "buffer": bytes(range(256))})
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("alert")).to_contain_text("Nothing was stored")
    expect(task.locator('[data-part="draft-state"]')).to_contain_text("Draft kept at")


def test_ticked_levels_are_added_up(someone: Someone) -> None:
    student, teacher = someone("esther"), someone("teresa")
    task = student.open(PlacementKind.ACTIVITY)
    task.get_by_label("Your text").fill("The median.")
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("heading", name="Receipt for attempt 1")).to_be_visible()
    keep_away(teacher.page, "rubric-total.js")
    desk = teacher.open(PlacementKind.ACTIVITY)
    desk.get_by_role("link", name="Esther").click()
    total = desk.locator('[data-part="total"]')
    expect(total).to_have_text("–")
    for criterion in desk.locator('[data-part="criterion"]').all():
        criterion.get_by_role("radio").last.check()
    let_come(desk, "rubric-total.js")
    expect(total).not_to_have_text("–")
