"""Sheets that come twice: at another resolution, printed twice and filled by two people; and files that are gone."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import ToolError
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm
from lti_tool.scans.pages.alike import find_alike
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.taking_out import perceptual_hash
from lti_tool.scans.papers import find_own_paper
from lti_tool.scans.resolve.queue import trays
from lti_tool.scans.resolve.rearranging import place
from lti_tool.scans.states import PaperState
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf
from tests.scans.faults.conftest import Scan, Sheet, booklet_of, papers, states

Print = Callable[..., str]


def written(text: str, dots_per_inch: int) -> Image.Image:
    """A page that somebody has written on, scanned at so many dots per inch."""
    page, font = Image.new("L", (1654, 2339), 250), ImageFont.load_default(size=70)
    for line in range(12):
        ImageDraw.Draw(page).text((150, 200 + 160 * line), text[line:] + text[:line], fill=20, font=font)
    size = round(page.width * dots_per_inch / 200), round(page.height * dots_per_inch / 200)
    return page.resize(size, Image.Resampling.BILINEAR)


def test_a_sheet_scanned_again_at_another_resolution_is_shown_beside_the_first_and_replaces_nothing(
    session: Session, booklet: Print, scan: Scan, teacher: Viewer
) -> None:
    serial = booklet()
    first = perceptual_hash(written("Leaves are green because of", 200))
    scan(Sheet(serial=serial, picture=first), Sheet(serial=serial, number=2))
    again = scan(
        *booklet_of(booklet()),
        Sheet(picture=perceptual_hash(written("Leaves are green because of", 100))),
        Sheet(picture=perceptual_hash(written("x y  because    osmosis", 100))),
    )
    assert states(session, again)[2:] == ["unknown", "unknown"]
    same, other = trays(session, teacher)
    assert [page.phash for page in find_alike(session, same)] == [first]
    assert find_alike(session, other) == []
    assert len(papers(session)) == 2


def test_a_booklet_printed_twice_and_filled_by_two_people_shows_neither_the_others_pages(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    serial, other = booklet("student"), house.people["other_student"]
    scan(*booklet_of(serial, house.student.idnumber))
    copy = scan(*booklet_of(serial, other.idnumber))
    (paper,) = papers(session)
    assert states(session, copy) == ["duplicate", "duplicate"]
    assert (paper.state, paper.person_id, paper.pages) == (PaperState.RELEASED, house.student.id, 2)
    assert find_own_paper(session, viewer_of(house, "other_student", EXAM)) is None


def test_a_page_of_another_exam_goes_where_a_person_says_and_counts_as_no_page_of_the_booklet(
    session: Session, booklet: Print, scan: Scan, teacher: Viewer
) -> None:
    serial = booklet()
    scan(*booklet_of(serial, pages=[1]), Sheet(serial="BBBBBBB", number=2, exam="ZZZZZ"))
    (paper,), (foreign,) = papers(session), trays(session, teacher)
    place(session, teacher, foreign, paper)
    assert (paper.pages, paper.missing, foreign.state, foreign.booklet) == (2, [2], "placed", None)


def test_a_paper_whose_file_is_gone_is_neither_released_nor_confirmed(
    session: Session, house: House, released: PaperOf, runtime: Runtime, store: FileStore
) -> None:
    paper, student = released(), viewer_of(house, "student", EXAM)
    claim(session, student, paper, runtime.secrets)
    original = pages_of(session, paper)[0].sent_file.file
    assert original is not None
    store.path(original).unlink()
    with pytest.raises(ToolError):
        confirm(session, student, paper, runtime.secrets, store)
    assert paper.state == PaperState.RELEASED
