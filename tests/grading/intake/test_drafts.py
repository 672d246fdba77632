"""A text that is kept while it is written."""

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.grading.intake.drafts import find_draft, save_draft
from tests.fixtures.people import Browser, Enter, House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import ACTIVITY, HandIn


def test_a_draft_is_there_again_and_nobody_elses(enter: Enter, student: Browser, activity: Placement) -> None:
    page = student.follow(student.post("grading/intake/draft", {"text": "Half a thought"}))
    assert page.select_one("#text").text.strip() == "Half a thought"  # type: ignore[union-attr]
    assert "Half a thought" not in enter("other_student", ACTIVITY).page("grading").get_text()
    assert "Half a thought" not in enter("teacher", ACTIVITY).page("grading").get_text()


def test_the_last_save_counts_and_a_script_stays_on_the_page(
    student: Browser, house: House, activity: Placement
) -> None:
    student.post("grading/intake/draft", {"text": "One"})
    answer = student.post("grading/intake/draft", {"text": "Two"}, headers={"Accept": "application/json"})
    assert answer.status_code == 200 and "saved_at" in answer.json
    draft = find_draft(house.session, viewer_of(house, "student"), activity)
    assert draft is not None and draft.text == "Two"


def test_handing_in_ends_the_draft(house: House, activity: Placement, handed_in: HandIn) -> None:
    viewer = viewer_of(house, "student")
    save_draft(house.session, viewer, activity, "Half")
    handed_in("Whole")
    assert find_draft(house.session, viewer, activity) is None


def test_staff_keep_no_drafts(house: House, activity: Placement) -> None:
    with pytest.raises(NotAllowed):
        save_draft(house.session, viewer_of(house, "teacher"), activity, "x")


def test_what_could_not_be_handed_in_is_not_kept(house: House, activity: Placement) -> None:
    with pytest.raises(InvalidInput):
        save_draft(house.session, viewer_of(house, "student"), activity, "a\0b")


def test_a_receipt_is_downloaded_by_its_owner_alone(enter: Enter, student: Browser, handed_in: HandIn) -> None:
    made = handed_in(a__txt=b"1")
    answer = student.get(f"grading/intake/receipts/{made.id}.txt")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert made.sha256 is not None and made.sha256 in answer.text and "a.txt" in answer.text
    for name in ("other_student", "teacher"):
        assert enter(name, ACTIVITY).get(f"grading/intake/receipts/{made.id}.txt").status_code == 404
