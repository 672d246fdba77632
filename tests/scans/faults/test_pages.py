"""Missing, extra, out-of-order, upside-down, blank and stuck pages; a page eaten by the feeder; the same page twice."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.runtime import Runtime
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.resolving import discard
from lti_tool.scans.states import PaperState, Problem
from lti_tool.scans.steps import last_step, undo
from tests.fixtures.people import House
from tests.scans.faults.conftest import Scan, Sheet, booklet_of, file_of, papers, states

Print = Callable[..., str]


def numbers_of(session: Session, serial: str) -> list[int | None]:
    (paper,) = [paper for paper in papers(session) if paper.booklet == serial]
    return [page.sheet_number for page in pages_of(session, paper)]


def test_a_page_eaten_by_the_feeder_leaves_a_gap_and_moves_no_neighbour(
    session: Session, booklet: Print, scan: Scan
) -> None:
    one, other = booklet(pages=2), booklet(pages=2)
    scan(*booklet_of(one, pages=[1]), *booklet_of(other))
    first, second = papers(session)
    assert (first.booklet, first.missing, first.pages) == (one, [2], 1)
    assert (second.booklet, second.missing, second.pages) == (other, [], 2)


def test_pages_out_of_order_are_put_in_order(session: Session, booklet: Print, scan: Scan) -> None:
    one, other = booklet(pages=3), booklet(pages=2)
    scan(Sheet(serial=one, number=3), Sheet(serial=other, number=2), *booklet_of(one), Sheet(serial=other, number=1))
    assert (numbers_of(session, one), numbers_of(session, other)) == ([1, 2, 3], [1, 2])


def test_one_paper_in_two_piles_is_one_paper(session: Session, booklet: Print, scan: Scan) -> None:
    serial = booklet(pages=2)
    scan(*booklet_of(serial, pages=[2]))
    assert papers(session)[0].missing == [1]
    scan(*booklet_of(serial, pages=[1]))
    (paper,) = papers(session)
    assert (paper.missing, numbers_of(session, serial)) == ([], [1, 2])


def test_an_upside_down_page_is_turned_for_its_readers(session: Session, booklet: Print, scan: Scan) -> None:
    scan(Sheet(serial=booklet(), turned=180))
    assert session.scalars(select(Page.rotation)).one() == 180


def test_a_blank_page_is_kept_in_its_place(session: Session, booklet: Print, scan: Scan) -> None:
    serial = booklet()
    sent = scan(*booklet_of(serial, pages=[1]), Sheet(serial=serial, number=2, ink=3))
    assert states(session, sent) == ["placed", "placed"] and papers(session)[0].missing == []


def test_an_extra_page_without_a_code_waits_in_the_tray(session: Session, booklet: Print, scan: Scan) -> None:
    sent = scan(*booklet_of(booklet()), Sheet())
    assert states(session, sent) == ["placed", "placed", "unknown"] and papers(session)[0].pages == 2


def test_a_sheet_scanned_twice_never_replaces_the_first(session: Session, booklet: Print, scan: Scan) -> None:
    serial = booklet()
    first = scan(*booklet_of(serial))
    again = scan(*booklet_of(serial, pages=[2]))
    assert (states(session, first), states(session, again)) == (["placed", "placed"], ["duplicate"])
    twin = session.scalars(select(Page.twin_id).where(Page.sent_file_id == again.id)).one()
    assert twin == session.scalars(select(Page.id).where(Page.sent_file_id == first.id, Page.number == 2)).one()


def test_a_sheet_twice_in_one_pile_is_placed_once(session: Session, booklet: Print, scan: Scan) -> None:
    serial = booklet()
    assert states(session, scan(*booklet_of(serial, pages=[1, 2, 2]))) == ["placed", "placed", "duplicate"]


def test_the_same_pages_saved_in_another_file_are_recognised(session: Session, house: House, scan: Scan) -> None:
    sheets = [Sheet(), Sheet()]
    scan(*sheets, name=file_of(house, "student"))
    again = scan(*sheets, name=file_of(house, "other_student"))
    first, second = papers(session)
    assert states(session, again) == ["duplicate", "duplicate"] and first.state == PaperState.BOUND
    assert (second.state, second.problem) == (PaperState.QUARANTINED, Problem.REPEATED)


def test_blank_sheets_that_look_alike_are_no_repeats(session: Session, house: House, scan: Scan) -> None:
    blank = Sheet(picture="0" * 64, ink=2)
    scan(Sheet(), blank, name=file_of(house, "student"))
    sent = scan(Sheet(), blank, name=file_of(house, "other_student"))
    assert states(session, sent) == ["placed", "placed"]


def test_a_damaged_page_is_shown_in_its_tray_and_the_paper_goes_on(session: Session, house: House, scan: Scan) -> None:
    sent = scan(Sheet(), Sheet(is_damaged=True), name=file_of(house, "student"))
    assert states(session, sent) == ["placed", "damaged"] and papers(session)[0].state == PaperState.BOUND


def test_a_pile_without_codes_is_never_split_by_counting(session: Session, scan: Scan) -> None:
    scan(Sheet(), Sheet(), Sheet(), Sheet())
    (paper,) = papers(session)
    assert (paper.pages, paper.problem) == (4, Problem.NO_CLAIM)


@pytest.mark.parametrize("written", ["", "same"])
def test_a_paper_with_a_gap_is_not_released_by_itself(
    session: Session, house: House, booklet: Print, scan: Scan, written: str
) -> None:
    number = house.student.idnumber if written else ""
    scan(*booklet_of(booklet("student"), number, pages=[1]))
    assert papers(session)[0].state == PaperState.BOUND


def test_a_late_page_of_a_paper_that_was_shown_waits_for_a_person(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    serial = booklet("student")
    scan(*booklet_of(serial, house.student.idnumber))
    assert papers(session)[0].state == PaperState.RELEASED
    late = scan(Sheet(serial=serial, number=3))
    assert states(session, late) == ["unknown"] and papers(session)[0].pages == 2


def test_a_discard_is_not_undone_once_the_same_sheet_was_placed_again(
    session: Session, teacher: Viewer, booklet: Print, scan: Scan, runtime: Runtime
) -> None:
    serial = booklet("student")
    scan(*booklet_of(serial))
    (paper,) = papers(session)
    discard(session, teacher, paper, "Scanned badly")
    step = last_step(session, teacher)
    assert step is not None
    scan(*booklet_of(serial))
    with pytest.raises(InvalidInput, match="placed again"):
        undo(session, teacher, step.id, runtime.secrets)
    assert (paper.state, papers(session)[1].pages) == (PaperState.DISCARDED, 2)
