"""The student's two steps: the header, then the whole paper; "no" hides it at once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event, EventKind
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm, report
from lti_tool.scans.models import Verification
from lti_tool.scans.papers import header_for, pages_for
from lti_tool.scans.resolving import assign, confirm_match, take_back
from lti_tool.scans.states import PaperState, Report
from lti_tool.scans.verifications import is_genuine
from lti_tool.scans.words import receipt_text
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf


@pytest.fixture
def student(house: House) -> Viewer:
    return viewer_of(house, "student", EXAM)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Verification.kind).order_by(Verification.signed_at)))


def test_pages_open_only_after_the_header_was_recognised(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime
) -> None:
    paper = released()
    assert header_for(session, student, paper.id) == paper
    with pytest.raises(NotFound):
        pages_for(session, student, paper.id)
    claim(session, student, paper, runtime.secrets)
    assert pages_for(session, student, paper.id) == paper


def test_nothing_is_confirmed_unseen(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    with pytest.raises(InvalidInput, match="header first"):
        confirm(session, student, released(), runtime.secrets, store)


def test_a_double_click_gives_one_confirmation_and_the_same_receipt(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    for _click in range(2):
        claim(session, student, paper, runtime.secrets)
    receipts = {confirm(session, student, paper, runtime.secrets, store).id for _click in range(2)}
    assert (len(receipts), kinds(session)) == (1, ["matched", "mine", "complete"])


def test_a_confirmation_is_signed_with_hash_and_time_and_leaves_an_event(
    session: Session, house: House, confirmed: PaperOf, runtime: Runtime
) -> None:
    paper = confirmed()
    receipt = session.scalars(select(Verification).where(Verification.kind == "complete")).one()
    session.refresh(receipt)
    assert is_genuine(runtime.secrets, receipt) and receipt.sha256 == paper.sha256
    event = session.scalars(select(Event).where(Event.kind == EventKind.EXAM_CONFIRMED)).one()
    assert event.person_id == house.student.id


def test_a_no_hides_the_paper_at_once(session: Session, released: PaperOf, student: Viewer, runtime: Runtime) -> None:
    paper = released()
    for _click in range(2):
        report(session, student, paper, runtime.secrets, Report.NOT_MINE)
    for look in (header_for, pages_for):
        with pytest.raises(NotFound):
            look(session, student, paper.id)
    assert (paper.state, kinds(session)) == (PaperState.QUARANTINED, ["matched", "problem"])


def test_after_a_no_a_late_yes_counts_for_nothing(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime
) -> None:
    paper = released()
    report(session, student, paper, runtime.secrets, Report.NOT_MINE)
    with pytest.raises(InvalidInput, match="looking at it"):
        claim(session, student, paper, runtime.secrets)


def test_a_missing_page_is_reported_with_a_message_after_the_pages_were_seen(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime
) -> None:
    paper = released()
    with pytest.raises(InvalidInput, match="header first"):
        report(session, student, paper, runtime.secrets, Report.PAGE_MISSING)
    claim(session, student, paper, runtime.secrets)
    report(session, student, paper, runtime.secrets, Report.PAGE_MISSING, " Page 3 \r\nis not here ")
    said = session.scalars(select(Verification).where(Verification.kind == "problem")).one()
    assert (said.report, said.message) == (Report.PAGE_MISSING, "Page 3 \nis not here")


def test_a_confirmed_paper_is_not_reported_afterwards(
    session: Session, confirmed: PaperOf, student: Viewer, runtime: Runtime
) -> None:
    with pytest.raises(InvalidInput, match="have confirmed"):
        report(session, student, confirmed(), runtime.secrets, Report.OTHER)


@pytest.mark.parametrize("message", ["x" * 2001, "a\0b"])
def test_an_unusable_message_is_refused(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime, message: str
) -> None:
    paper = released()
    claim(session, student, paper, runtime.secrets)
    with pytest.raises(InvalidInput):
        report(session, student, paper, runtime.secrets, Report.OTHER, message)


def test_what_an_earlier_student_said_opens_nothing_for_the_next(
    session: Session,
    house: House,
    confirmed: PaperOf,
    teacher: Viewer,
    student: Viewer,
    runtime: Runtime,
    store: FileStore,
) -> None:
    paper = confirmed()
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    assign(session, teacher, paper, runtime.secrets, house.people["other_student"].id)
    confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)
    with pytest.raises(NotFound):
        pages_for(session, viewer_of(house, "other_student", EXAM), paper.id)
    with pytest.raises(NotFound):
        header_for(session, student, paper.id)


def test_a_receipt_names_what_was_confirmed(session: Session, house: House, confirmed: PaperOf) -> None:
    paper = confirmed()
    receipt = session.scalars(select(Verification).where(Verification.kind == "complete")).one()
    text = receipt_text("Botany", paper, receipt)
    for part in ("Botany", house.student.idnumber, "Pages: 2", "UTC", paper.sha256, str(receipt.id), receipt.signature):
        assert part in text
