"""A continuation sheet is nobody's paper: two facts propose the paper it continues, and a person joins them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.runtime import Runtime
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.resolve.continuing import Fact, find_continued, join
from lti_tool.scans.sheets.models import Booklet, SheetKind
from lti_tool.scans.states import PaperState
from lti_tool.scans.steps import last_step, undo
from tests.fixtures.people import Browser, Enter, House
from tests.scans.conftest import EXAM
from tests.scans.faults.conftest import Scan, booklet_of, papers

Print = Callable[..., str]


@pytest.fixture
def further(session: Session, booklet: Print) -> Callable[[], str]:
    """further(): the serial of a continuation sheet."""

    def printed() -> str:
        serial = booklet()
        session.get_one(Booklet, serial).kind = SheetKind.CONTINUATION
        session.flush()
        return serial

    return printed


def paper_with(session: Session, serial: str) -> Paper:
    (paper,) = [paper for paper in papers(session) if paper.booklet == serial]
    return paper


def test_a_sheet_behind_its_booklet_with_the_same_number_is_proposed_and_joined(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, teacher: Viewer
) -> None:
    number, serial, extra = house.student.idnumber, booklet("student"), further()
    scan(*booklet_of(serial, number), *booklet_of(extra, number))
    paper, sheet = paper_with(session, serial), paper_with(session, extra)
    # The booklet has two facts, and yet nobody is shown it while a part of it lies elsewhere.
    assert (paper.state, sheet.state) == (PaperState.BOUND, PaperState.UNMATCHED)
    proposal = find_continued(session, teacher, sheet)
    assert proposal and proposal.paper == paper and proposal.facts == [Fact.NUMBER, Fact.BEHIND] and proposal.is_sure
    join(session, teacher, sheet, paper)
    assert (paper.state, paper.pages, paper.missing) == (PaperState.RELEASED, 4, [])
    assert [page.booklet for page in pages_of(session, paper)] == [serial, serial, extra, extra]
    assert sheet.state == PaperState.DISCARDED


def test_joining_is_undone_in_one_step(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, teacher: Viewer, runtime: Runtime
) -> None:
    number, serial, extra = house.student.idnumber, booklet("student"), further()
    scan(*booklet_of(serial, number), *booklet_of(extra, number))
    paper, sheet = paper_with(session, serial), paper_with(session, extra)
    join(session, teacher, sheet, paper)
    step = last_step(session, teacher)
    assert step is not None
    undo(session, teacher, step.id, runtime.secrets)
    assert (paper.pages, sheet.pages, paper.state, sheet.state) == (2, 2, PaperState.BOUND, PaperState.UNMATCHED)


def test_one_fact_is_shown_and_is_not_one_key(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, teacher: Viewer
) -> None:
    serial, extra, unnumbered = booklet("student"), further(), further()
    scan(*booklet_of(serial, house.student.idnumber), *booklet_of(unnumbered))
    scan(*booklet_of(extra, house.student.idnumber))
    behind = find_continued(session, teacher, paper_with(session, unnumbered))
    numbered = find_continued(session, teacher, paper_with(session, extra))
    assert behind and behind.facts == [Fact.BEHIND] and not behind.is_sure
    assert numbered and numbered.facts == [Fact.NUMBER] and not numbered.is_sure


def test_facts_that_speak_of_two_papers_propose_nothing(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, teacher: Viewer
) -> None:
    ours, theirs, extra = booklet("student"), booklet("other_student"), further()
    scan(*booklet_of(theirs, house.people["other_student"].idnumber))
    scan(*booklet_of(ours, house.student.idnumber), *booklet_of(extra, house.people["other_student"].idnumber))
    sheet = paper_with(session, extra)
    assert find_continued(session, teacher, sheet) is None
    with pytest.raises(InvalidInput, match="changed meanwhile"):
        join(session, teacher, sheet, paper_with(session, ours))


def test_a_late_page_of_the_booklet_comes_before_the_sheet(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, teacher: Viewer
) -> None:
    number, serial, extra = house.student.idnumber, booklet("student"), further()
    scan(*booklet_of(serial, number, pages=[1]), *booklet_of(extra, number))
    paper = paper_with(session, serial)
    join(session, teacher, paper_with(session, extra), paper)
    assert paper.missing == [2]
    scan(*booklet_of(serial, pages=[2]))
    assert [(page.booklet, page.sheet_number) for page in pages_of(session, paper)] == [
        (serial, 1),
        (serial, 2),
        (extra, 1),
        (extra, 2),
    ]


def test_the_screen_joins_a_sheet_by_one_key(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, enter: Enter
) -> None:
    staff, number, serial, extra = enter("teacher", EXAM), house.student.idnumber, booklet("student"), further()
    scan(*booklet_of(serial, number), *booklet_of(extra, number))
    paper, sheet = paper_with(session, serial), paper_with(session, extra)
    page = staff.page(f"scans/resolve/?paper={sheet.id}")
    button = page.find("button", id="join")
    assert button is not None and button["data-key"] == "m" and "written by hand" in page.text
    assert _joined(staff, sheet, paper) == 303
    assert (paper.pages, sheet.state) == (4, PaperState.DISCARDED)
    assert _joined(staff, sheet, paper) == 400


def test_a_paper_that_was_shown_is_taken_back_before_a_sheet_joins_it(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, enter: Enter
) -> None:
    serial, extra, staff = booklet("student"), further(), enter("teacher", EXAM)
    scan(*booklet_of(serial, house.student.idnumber))
    scan(*booklet_of(extra, house.student.idnumber))
    paper, sheet = paper_with(session, serial), paper_with(session, extra)
    assert paper.state == PaperState.RELEASED
    page = staff.page(f"scans/resolve/?paper={sheet.id}")
    assert "take it back first" in page.text and page.find("button", id="join") is None
    assert _joined(staff, sheet, paper) == 400 and paper.pages == 2


def _joined(staff: Browser, sheet: Paper, paper: Paper) -> int:
    return staff.post(f"scans/resolve/papers/{sheet.id}/join", {"target": str(paper.id)}).status_code


def test_only_staff_of_the_exam_join(
    session: Session, house: House, booklet: Print, further: Print, scan: Scan, enter: Enter
) -> None:
    number, serial, extra = house.student.idnumber, booklet("student"), further()
    scan(*booklet_of(serial, number), *booklet_of(extra, number))
    paper, sheet = paper_with(session, serial), paper_with(session, extra)
    assert _joined(enter("student", EXAM), sheet, paper) == 403
    assert _joined(enter("outsider", EXAM), sheet, paper) == 404
    assert sheet.pages == 2
