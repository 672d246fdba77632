"""Double clicks, two tabs and the back button; altered bytes; a wrong release found later; a deadline that passes."""

import os

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound, ToolError
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm, report
from lti_tool.scans.models import Verification
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.papers import header_for, pages_for
from lti_tool.scans.resolving import take_back
from lti_tool.scans.states import PaperState, Report, VerificationKind
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf


@pytest.fixture
def student(house: House) -> Viewer:
    return viewer_of(house, "student", EXAM)


def test_two_tabs_and_the_back_button_give_one_confirmation(session: Session, enter: Enter, released: PaperOf) -> None:
    paper, tabs = released(), [enter("student", EXAM) for _tab in range(2)]
    for tab in tabs:
        tab.post(f"scans/papers/{paper.id}/header", {"mine": "yes"})
    for tab in [*tabs, tabs[0]]:
        assert tab.post(f"scans/papers/{paper.id}/confirm").status_code == 303
    tabs[1].post(f"scans/papers/{paper.id}/header", {"mine": "yes"})
    kinds = session.execute(select(Verification.kind, func.count()).group_by(Verification.kind)).all()
    assert {kind: count for kind, count in kinds} == {"matched": 1, "mine": 1, "complete": 1}
    texts = {tab.get(f"scans/papers/{paper.id}/receipt.txt").text for tab in tabs}
    assert len(texts) == 1


def test_a_no_in_one_tab_takes_the_pages_from_the_other(enter: Enter, released: PaperOf) -> None:
    paper, tabs = released(), [enter("student", EXAM) for _tab in range(2)]
    tabs[0].post(f"scans/papers/{paper.id}/header", {"mine": "yes"})
    tabs[1].post(f"scans/papers/{paper.id}/header", {"mine": "no"})
    assert tabs[0].get(f"scans/papers/{paper.id}/pages/1.webp").status_code == 404
    assert tabs[0].post(f"scans/papers/{paper.id}/confirm").status_code == 400


def test_altered_bytes_are_neither_released_nor_confirmed(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    paper = released()
    claim(session, student, paper, runtime.secrets)
    original = pages_of(session, paper)[0].sent_file.file
    assert original is not None
    os.chmod(store.path(original), 0o640)
    store.path(original).write_bytes(b"%PDF-other")
    with pytest.raises(ToolError):
        confirm(session, student, paper, runtime.secrets, store)
    assert paper.state == PaperState.RELEASED


def test_pages_that_were_exchanged_behind_our_back_are_not_confirmed(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime, store: FileStore
) -> None:
    ours, theirs = released("student"), released("other_student")
    claim(session, student, ours, runtime.secrets)
    page, to = pages_of(session, theirs)[1], {"page": pages_of(session, theirs)[1].id, "paper": ours.id}
    session.execute(text("UPDATE paper_page SET paper_id = :paper, position = 3 WHERE page_id = :page"), to)
    assert page in pages_of(session, ours)
    session.expire_all()
    with pytest.raises(ToolError, match="paper_altered"):
        confirm(session, student, ours, runtime.secrets, store)


def test_a_wrong_release_is_recalled_and_who_saw_which_pages_is_known(
    session: Session, enter: Enter, released: PaperOf, teacher: Viewer, student: Viewer, runtime: Runtime
) -> None:
    paper, browser = released(), enter("student", EXAM)
    browser.post(f"scans/papers/{paper.id}/header", {"mine": "yes"})
    browser.get(f"scans/papers/{paper.id}/pages/2.webp").close()
    take_back(session, teacher, paper, runtime.secrets, "Wrong student")
    for look in (header_for, pages_for):
        with pytest.raises(NotFound):
            look(session, student, paper.id)
    seen = select(AuditEntry).where(AuditEntry.action == "scans.page_viewed", AuditEntry.object_id == str(paper.id))
    assert [(entry.actor_id, entry.details["page"]) for entry in session.scalars(seen)] == [(student.person_id, 2)]


def test_a_wrong_subject_is_reported_and_hidden_until_staff_have_looked(
    session: Session, released: PaperOf, student: Viewer, runtime: Runtime
) -> None:
    paper = released()
    claim(session, student, paper, runtime.secrets)
    for _click in range(2):
        report(session, student, paper, runtime.secrets, Report.WRONG_SUBJECT, "This is chemistry")
    said = session.scalars(select(Verification).where(Verification.kind == VerificationKind.PROBLEM)).one()
    assert (said.report, paper.state) == ("wrong_subject", PaperState.DISPUTED)
    with pytest.raises(InvalidInput, match="looking at it"):
        claim(session, student, paper, runtime.secrets)
