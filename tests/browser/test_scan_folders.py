"""A whole folder of scans, chosen or dropped: every file of it and of its subfolders is sent, hidden ones are not."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.conftest import Someone

DROP = """form => {
  const file = name => ({isFile: true, file: take => take(new File(["no scan"], name, {type: "text/plain"}))});
  const folder = batches => ({isFile: false, createReader: () => ({readEntries: take => take(batches.shift() ?? [])})});
  const inner = folder([[file("dropped-3.txt")]]);
  const dropped = folder([[file("dropped-1.txt"), file(".hidden")], [file("dropped-2.txt"), inner]]);
  const event = new Event("drop", {bubbles: true, cancelable: true});
  Object.defineProperty(event, "dataTransfer", {value: {items: [{webkitGetAsEntry: () => dropped}], files: []}});
  form.dispatchEvent(event);
}"""


@pytest.mark.usefixtures("world")
def test_a_folder_is_sent_with_its_subfolders(someone: Someone, tmp_path: Path) -> None:
    (tmp_path / "scans" / "room 12").mkdir(parents=True)
    for name in ("a.txt", ".hidden", "room 12/b.txt"):
        (tmp_path / "scans" / name).write_text("no scan")
    board = someone("teresa").open(PlacementKind.EXAM)
    board.get_by_label("Or a whole folder").set_input_files(tmp_path / "scans")
    done = board.locator('[data-part="files"] li[data-done]')
    expect(done).to_have_count(2)
    assert sorted(text.split()[0] for text in done.all_inner_texts()) == ["a.txt", "b.txt"]

    board.locator('form[data-module="scan-upload"]').evaluate(DROP)
    expect(done).to_have_count(5)
    expect(board.locator('[data-part="files"]')).to_contain_text("dropped-3.txt")
