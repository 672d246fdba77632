"""The resolve screen: one thing at a time, by keyboard, for staff alone."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.states import PaperState
from tests.fixtures.people import Browser, Enter, House
from tests.scans.conftest import EXAM, Arrive, PaperOf


@pytest.fixture
def staff(enter: Enter, teacher: Viewer) -> Browser:
    return enter("teacher", EXAM)


def test_enter_releases_the_proposed_student_and_the_next_paper_comes(staff: Browser, bound: PaperOf) -> None:
    first, second = bound("student"), bound("other_student")
    page = staff.page("scans/resolve/")
    button = page.find("button", attrs={"data-default": True})
    assert button is not None and button["data-key"] == "1" and "2 left" in page.text
    form = {"person": button["value"], "binding": str(first.binding)}
    page = staff.follow(staff.post(f"scans/resolve/papers/{first.id}/decide", form))
    assert first.state == PaperState.RELEASED and f"Is this {second.person.display_name}?" in page.text  # type: ignore[union-attr]
    page = staff.follow(staff.post("scans/resolve/undo", {"step": page.find("input", attrs={"name": "step"})["value"]}))  # type: ignore[index]
    assert first.state == PaperState.BOUND and "Undone." in page.text


def test_another_student_is_one_choice(staff: Browser, house: House, bound: PaperOf) -> None:
    paper, other = bound(), house.people["other_student"]
    form = {"person": str(paper.person_id), "other": str(other.id), "binding": str(paper.binding)}
    staff.post(f"scans/resolve/papers/{paper.id}/decide", {"other": str(other.id)})
    assert (paper.person_id, paper.state) == (other.id, PaperState.RELEASED)
    assert staff.post(f"scans/resolve/papers/{paper.id}/decide", form | {"other": "x"}).status_code == 400


def test_a_paper_that_changed_meanwhile_is_not_released(staff: Browser, bound: PaperOf) -> None:
    paper = bound()
    form = {"person": str(paper.person_id), "binding": str(paper.binding + 1)}
    assert staff.post(f"scans/resolve/papers/{paper.id}/decide", form).status_code == 400
    assert paper.state == PaperState.BOUND


def test_the_form_under_the_pages_does_what_its_button_says(
    staff: Browser, session: Session, bound: PaperOf, arrive: Arrive
) -> None:
    paper, other = bound(), arrive(number="999999999999")
    first, second = pages_of(session, paper)
    path = f"scans/resolve/papers/{paper.id}/pages"
    staff.post(path, {"do": "rotate", "page": str(first.id)})
    assert first.rotation == 90
    staff.post(path, {"do": "reorder", f"place-{first.id}": "2", f"place-{second.id}": "1"})
    assert pages_of(session, paper) == [second, first]
    staff.post(path, {"do": "move", "page": str(first.id), "target": str(other.id)})
    assert (paper.pages, other.pages) == (1, 3)
    path = f"scans/resolve/papers/{other.id}/pages"
    staff.post(path, {"do": "discard", "page": str(first.id), "reason": "Blank"})
    assert (first.state, other.pages) == ("discarded", 2)
    assert "Pages and their order" in staff.page(f"scans/staff/papers/{paper.id}").text
    assert staff.post(path, {"do": "discard", "page": str(pages_of(session, other)[0].id)}).status_code == 400


def test_a_page_of_a_tray_is_shown_and_placed(staff: Browser, session: Session, bound: PaperOf, release) -> None:  # type: ignore[no-untyped-def]
    paper = bound()
    (_first, page) = pages_of(session, paper)
    staff.post(f"scans/resolve/papers/{paper.id}/pages", {"do": "take-out", "page": str(page.id)})
    release(paper)
    assert "1 page belongs to no paper" in " ".join(staff.page("scans/").text.split())
    shown = staff.page("scans/resolve/")
    assert "Nothing says which paper" in shown.text
    with staff.get(f"scans/resolve/pages/{page.id}.webp") as answer:
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/webp", "private, no-store")
    staff.post(f"scans/resolve/pages/{page.id}/place", {"do": "begin"})
    assert page.state == "placed" and "Whose paper is it?" in staff.page("scans/resolve/").text


def test_an_empty_queue_says_so(staff: Browser) -> None:
    assert "Nothing is left to resolve" in staff.page("scans/resolve/").text


@pytest.mark.parametrize(("name", "status"), [("student", 403), ("outsider", 404)])
def test_only_staff_of_the_exam_resolve(enter: Enter, session: Session, bound: PaperOf, name: str, status: int) -> None:
    paper = bound()
    page, browser = pages_of(session, paper)[0], enter(name, EXAM)
    assert browser.get(f"scans/resolve/pages/{page.id}.webp").status_code == status
    for path in (f"papers/{paper.id}/decide", f"papers/{paper.id}/pages", f"pages/{page.id}/place"):
        assert browser.post(f"scans/resolve/{path}", {"do": "rotate", "page": str(page.id)}).status_code == status
    assert browser.post("scans/resolve/undo", {"step": str(uuid4())}).status_code in {400, 403}
    assert page.rotation == 0 and paper.state == PaperState.BOUND
