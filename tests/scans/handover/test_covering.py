"""Which part of which page tells whose a paper is."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.scans.handover.covering import COVER_SHARE, covered_of
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.sheets.codes import new_serial
from lti_tool.scans.sheets.layout import HEADER_BOTTOM, PAGE_HEIGHT
from lti_tool.scans.sheets.models import Booklet, PrintRun, SheetKind
from tests.fixtures.people import House
from tests.scans.conftest import EXAM, PaperOf


def printed(session: Session, house: House, paper: Paper, kind: SheetKind, first: int = 1) -> dict[str, float]:
    """What is covered of a paper whose pages are those of a printed booklet, from the sheet `first` on."""
    run = PrintRun(placement_id=house.placements[EXAM].id, digits=12, by_id=house.teacher.id)
    session.add(run)
    session.flush()
    serial = new_serial()
    session.add(Booklet(serial=serial, run_id=run.id, placement_id=run.placement_id, position=1, kind=kind, pages=4))
    session.flush()
    pages = pages_of(session, paper)
    for number, page in enumerate(pages, start=first):
        page.booklet, page.sheet_number = serial, number
    return covered_of(session, pages)


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        (SheetKind.BOOKLET, COVER_SHARE),
        (SheetKind.SPARE, COVER_SHARE),
        (SheetKind.CONTINUATION, HEADER_BOTTOM / PAGE_HEIGHT),
        (SheetKind.LABEL, 1.0),
    ],
)
def test_of_a_printed_cover_boxes_and_bubbles_are_covered_and_the_lines_below_are_not(
    session: Session, house: House, bound: PaperOf, kind: SheetKind, share: float
) -> None:
    assert printed(session, house, bound(), kind) == {"1": round(share, 3)}


def test_a_booklet_whose_cover_is_missing_has_nothing_to_cover(session: Session, house: House, bound: PaperOf) -> None:
    assert printed(session, house, bound(), SheetKind.BOOKLET, first=2) == {}


def test_of_other_papers_the_top_of_the_first_page_is_covered(session: Session, bound: PaperOf) -> None:
    assert covered_of(session, pages_of(session, bound())) == {"1": 0.22}
