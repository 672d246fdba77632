"""What needs doing stands above the upload, what is done below it: a frame shows little at once."""

from tests.fixtures.people import Browser, Enter
from tests.scans.conftest import EXAM, PaperOf


def test_what_waits_stands_above_the_upload_and_what_is_done_below(
    enter: Enter, bound: PaperOf, released: PaperOf
) -> None:
    bound("student"), released("other_student")
    staff: Browser = enter("teacher", EXAM)
    page = staff.page("scans/")
    order = [tag.get("id") for tag in page.find_all(id=["to-confirm", "files", "released"])]
    assert order == ["to-confirm", "files", "released"]
