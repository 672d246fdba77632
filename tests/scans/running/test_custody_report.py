"""The chain of custody says all that is known of a paper, and notices what was altered."""

import pypdfium2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import erasing
from lti_tool.errors import NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.running.custody_report import CustodyReport, custody_report
from tests.fixtures.people import Enter, House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM, PaperOf
from tests.scans.running.conftest import Marked


@pytest.fixture
def report_on(session: Session, teacher: Viewer, runtime: Runtime, store: FileStore):  # type: ignore[no-untyped-def]
    def made(paper: Paper) -> CustodyReport:
        return custody_report(session, teacher, paper, runtime.secrets, store)

    return made


def words_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        text_of_pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(text_of_pages).split())


def test_the_pdf_holds_hashes_records_and_the_audit(
    session: Session, house: House, marked: Marked, enter: Enter
) -> None:
    marked("student")
    paper = session.query(Paper).one()
    page = enter("teacher", EXAM).get(f"scans/running/papers/{paper.id}/custody.pdf")
    assert page.status_code == 200 and page.mimetype == "application/pdf"
    said = words_of(page.data)
    sent = pages_of(session, paper)[0].sent_file
    assert all(word in said for word in (paper.sha256, sent.sha256, "genuine", "scans.complete", "scans.handed_over"))
    assert "Thechainisintact" in said and "notours" not in said


def test_it_names_the_work_the_grade_and_each_reading(session: Session, marked: Marked, report_on) -> None:  # type: ignore[no-untyped-def]
    marked("student")
    report = report_on(session.query(Paper).one())
    assert len(report.works) == 1 and report.fault == "" and report.chain.findings == []
    assert {entry.object_type for entry in report.entries} >= {"paper", "scan_file", "grade"} - {"scan_file"}
    assert [reading.kind for reading in report.evidence] == ["filename"]
    assert all(genuine for _record, genuine in report.records) and report.judgements[0].facts == ["filename"]


def test_an_altered_record_and_an_altered_file_show(
    session: Session,
    confirmed: PaperOf,
    store: FileStore,
    report_on,  # type: ignore[no-untyped-def]
) -> None:
    paper = confirmed()
    with erasing(session):
        session.execute(text("UPDATE verification SET pages = 9 WHERE kind = 'complete'"))
    file = pages_of(session, paper)[0].sent_file.file
    assert file is not None
    path = store.path_of(file.sha256)
    path.chmod(0o640)
    path.write_bytes(b"other")
    session.expire_all()
    report = report_on(paper)
    assert [genuine for record, genuine in report.records if record.kind == "complete"] == [False]
    assert report.fault != ""


def test_an_altered_audit_shows(session: Session, confirmed: PaperOf, report_on) -> None:  # type: ignore[no-untyped-def]
    paper = confirmed()
    session.execute(text("SET CONSTRAINTS audit_entry_seal IMMEDIATE"))
    session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"))
    session.execute(text("UPDATE audit_entry SET actor_id = 1 WHERE action = 'scans.complete'"))
    session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_append_only"))
    assert [finding.damage for finding in report_on(paper).chain.findings] == ["changed"]


def test_it_is_for_staff(
    session: Session, house: House, confirmed: PaperOf, runtime: Runtime, store: FileStore, enter: Enter
) -> None:
    paper = confirmed()
    with pytest.raises(NotAllowed):
        custody_report(session, viewer_of(house, "student", EXAM), paper, runtime.secrets, store)
    for name in ("student", "outsider"):
        assert enter(name, EXAM).get(f"scans/running/papers/{paper.id}/custody.pdf").status_code in {403, 404}
