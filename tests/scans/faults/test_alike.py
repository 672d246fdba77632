"""A sheet that was scanned twice, once unreadably, looks like itself: a hint on the resolve screen."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.scans.pages.alike import find_alike
from lti_tool.scans.pages.models import Page, PaperPage
from tests.fixtures.people import Enter, House
from tests.scans.conftest import EXAM
from tests.scans.faults.conftest import Scan, Sheet, booklet_of, file_of

Print = Callable[..., str]
PICTURE = "0123456789abcdef" * 4


def changed(bits: int) -> str:
    """The picture's hash with so many of its 256 bits turned."""
    return f"{int(PICTURE, 16) ^ (2**bits - 1):064x}"


def page_of(session: Session, phash: str) -> Page:
    return session.scalars(select(Page).where(Page.phash == phash)).one()


def test_a_page_without_a_code_is_like_the_scan_that_differs_in_a_quarter_of_the_bits_at_most(
    session: Session, booklet: Print, scan: Scan
) -> None:
    serial = booklet()
    scan(Sheet(serial=serial, picture=PICTURE), Sheet(serial=serial, number=2))
    scan(*booklet_of(booklet()), Sheet(picture=changed(64)))
    first = page_of(session, PICTURE)
    assert find_alike(session, page_of(session, changed(64))) == [first]
    scan(*booklet_of(booklet()), Sheet(picture=changed(65)))
    assert first not in find_alike(session, page_of(session, changed(65)))


def test_pages_with_codes_and_blank_pages_are_compared_with_none(session: Session, booklet: Print, scan: Scan) -> None:
    scan(Sheet(serial=booklet(), picture=PICTURE))
    scan(Sheet(serial=booklet(), picture=changed(3)))
    assert find_alike(session, page_of(session, changed(3))) == []
    scan(*booklet_of(booklet()), Sheet(picture=changed(5), ink=3))
    assert find_alike(session, page_of(session, changed(5))) == []


def test_pages_of_the_same_paper_are_no_news(session: Session, house: House, scan: Scan) -> None:
    scan(Sheet(picture=PICTURE), Sheet(picture=changed(3)), name=file_of(house, "student"))
    assert find_alike(session, page_of(session, changed(3))) == []


def test_the_screen_shows_what_a_page_looks_like_and_opens_it(
    session: Session, house: House, booklet: Print, scan: Scan, enter: Enter
) -> None:
    scan(*booklet_of(booklet("student"), house.student.idnumber))
    (first, _second) = session.scalars(select(Page).order_by(Page.number))
    near = f"{int(first.phash, 16) ^ 7:064x}"
    scan(*booklet_of(booklet()), Sheet(picture=near))
    staff, waiting = enter("teacher", EXAM), page_of(session, near)
    staff.post(f"scans/resolve/pages/{waiting.id}/place", {"do": "begin"})
    paper = session.scalars(select(PaperPage.paper_id).where(PaperPage.page_id == waiting.id)).one()
    shown = staff.page(f"scans/resolve/?paper={paper}")
    assert "Page 1 looks like page 1 of the paper of Student Canary" in " ".join(shown.text.split())
    assert shown.find("a", href=lambda to: to and f"/pages/{first.id}.webp" in to)
