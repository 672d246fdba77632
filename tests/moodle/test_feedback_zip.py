"""Marked papers as a ZIP in Moodle's own "Upload multiple feedback files in a zip", by each source of its numbers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lti_tool.files.store import FileStore
from lti_tool.grading.intake.roster import roster_of
from lti_tool.scans.running.exports import ask_export
from lti_tool.scans.running.models import Export, ExportState
from lti_tool.scans.running.participants import read_worksheet
from lti_tool.scans.running.tasks import export_papers
from tests.moodle import driver, test_paper_delivery
from tests.moodle.test_paper_delivery import Hall, files_of, signed_in

made_papers, hall = test_paper_delivery.made_papers, test_paper_delivery.hall
store, teacher = test_paper_delivery.store, test_paper_delivery.teacher
arrive, bound, release = test_paper_delivery.arrive, test_paper_delivery.bound, test_paper_delivery.release
released, confirmed = test_paper_delivery.released, test_paper_delivery.confirmed
pytestmark = pytest.mark.timeout(300)


def exported(hall: Hall, *, module: int | None = None, numbers: dict[int, int] | None = None) -> Export:
    export = ask_export(hall.session, hall.teacher, is_for_moodle=True, module=module, numbers=numbers or {})
    export_papers(hall.runtime, export_id=str(export.id))
    hall.session.expire_all()
    return export


def import_zip(page: Page, module: int, path: Path) -> str:
    """Through Moodle's file picker; what its summary says."""
    plugin = "action=viewpluginpage&plugin=file&pluginsubtype=assignfeedback&pluginaction=uploadzip"
    page.goto(f"{driver.MOODLE}/mod/assign/view.php?id={module}&{plugin}")
    page.get_by_role("button", name="Choose a file...").click()
    page.get_by_role("link", name="Upload a file").click()
    page.set_input_files("input[name=repo_upload_file]", path)
    page.get_by_role("button", name="Upload this file").click()
    page.locator(".filepicker-filename a").wait_for()
    page.get_by_role("button", name="Import feedback file(s)").click()
    page.locator("input[type=submit][value=Confirm]").click()
    page.get_by_text("Feedback files imported").wait_for()
    return page.locator("#region-main").inner_text()


def zip_of(hall: Hall, export: Export, folder: Path) -> Path:
    assert export.file is not None
    path = folder / "papers.zip"
    path.write_bytes(FileStore.of(hall.runtime.settings).path(export.file).read_bytes())
    return path


def worksheet(page: Page, module: int) -> bytes:
    """The grading worksheet, as a teacher downloads it; with it Moodle gives everybody a number."""
    plugin = "action=viewpluginpage&plugin=offline&pluginsubtype=assignfeedback&pluginaction=downloadgrades"
    with page.expect_download() as sheet:
        page.evaluate(f"location = '{driver.MOODLE}/mod/assign/view.php?id={module}&{plugin}'")
    return sheet.value.path().read_bytes()


def test_moodle_takes_a_zip_with_the_numbers_that_its_web_services_give(
    hall: Hall, chromium: Browser, tmp_path: Path
) -> None:
    hall.mark("45")
    module = hall.made["assignments"]["bulk"]["module"]
    with signed_in(chromium, hall.made["teacher"]) as page:
        page.goto(f"{driver.MOODLE}/mod/assign/view.php?id={module}&action=grading")
        page.get_by_text("Anna Tester").first.wait_for()
        first = exported(hall, module=module)
        assert (first.state, first.papers, first.unnamed) == (ExportState.READY, 1, 1), "nobody has a number yet"
        worksheet(page, module)
        export = exported(hall, module=module)
        assert (export.papers, export.unnamed) == (1, 0)
        path = zip_of(hall, export, tmp_path)
        assert "1" in import_zip(page, module, path)
    (content,) = files_of(hall.in_moodle("bulk")["feedback"]["plugins"]).values()
    assert content.startswith(b"%PDF-") and content in path.read_bytes()


def test_moodle_takes_a_zip_with_the_numbers_of_its_grading_worksheet(
    hall: Hall, chromium: Browser, tmp_path: Path
) -> None:
    hall.house.student.name = "Anna Tester"
    hall.mark("45")
    module = hall.made["assignments"]["sheet"]["module"]
    with signed_in(chromium, hall.made["teacher"]) as page:
        numbers = read_worksheet(roster_of(hall.session, hall.teacher), worksheet(page, module))
        assert set(numbers) == {hall.house.student.id}
        import_zip(page, module, zip_of(hall, exported(hall, numbers=numbers), tmp_path))
    assert len(files_of(hall.in_moodle("sheet")["feedback"]["plugins"])) == 1
