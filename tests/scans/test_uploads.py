"""Each file of a pile is taken or refused by itself; whose it is remains a proposal."""

import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import AuditEntry
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.models import Event, EventKind
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Upload
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import set_subject
from lti_tool.scans.models import Batch, Paper, SentFile
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.pictures import draw_header
from lti_tool.scans.resolving import discard
from lti_tool.scans.states import Basis, PaperState
from lti_tool.scans.tasks import read_pages
from lti_tool.scans.uploads import take_uploads
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import write
from tests.files import samples
from tests.fixtures.people import House
from tests.scans.conftest import TakeIn, name_of, only_paper

PDF = samples.pdf("Answer", "More")


def test_a_file_becomes_a_paper_that_only_seems_to_be_the_students(
    session: Session, house: House, take_in: TakeIn
) -> None:
    take_in((name_of(house, "student"), PDF))
    paper = only_paper(session)
    assert (paper.state, paper.person_id, paper.basis) == (PaperState.BOUND, house.student.id, Basis.FILENAME)
    assert (paper.pages, paper.register_number, paper.subject_code) == (2, "000000000004", "BIO210")


def test_an_upload_is_audited_and_leaves_an_event(session: Session, house: House, take_in: TakeIn) -> None:
    take_in((name_of(house, "student"), PDF))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "scans.uploaded")).one()
    assert entry.details["sha256"] == only_paper(session).sha256 and entry.actor_id == house.teacher.id
    assert session.scalars(select(Event.kind)).all() == [EventKind.EXAM_UPLOADED]


def test_neither_audit_nor_event_holds_a_name_or_number(session: Session, house: House, take_in: TakeIn) -> None:
    take_in((name_of(house, "student"), PDF))
    kept = [str(details) for details in session.scalars(select(AuditEntry.details))]
    kept += [str(details) for details in session.scalars(select(Event.details))]
    assert not any("Canary" in text or house.student.idnumber in text for text in kept)


BAD = {
    "a picture": ("000000000004_BIO210.pdf", samples.picture("PNG"), "its content is PNG"),
    "a text": ("000000000004_BIO210.pdf", b"hello", "its content is"),
    "a password": ("000000000004_BIO210.pdf", samples.encrypted_pdf(), "protected by a password"),
    "a broken PDF": ("000000000004_BIO210.pdf", b"%PDF-1.7\nnothing", "damaged"),
    "an empty file": ("000000000004_BIO210.pdf", b"", "is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_says_why_and_the_others_go_on(
    session: Session, house: House, take_in: TakeIn, store: FileStore, case: str
) -> None:
    name, content, reason = BAD[case]
    outcomes = take_in((name, content), (name_of(house, "other_student"), PDF))
    assert [outcome.is_accepted for outcome in outcomes] == [False, True]
    assert reason in outcomes[0].reason
    assert only_paper(session).person_id == house.people["other_student"].id
    assert len([path for path in store.root.rglob("*") if path.is_file()]) == 1


def test_a_file_over_the_limit_is_refused(session: Session, house: House, take_in: TakeIn) -> None:
    write(session, MAX_FILE_SIZE_MB, 1)
    outcome = take_in((name_of(house, "student"), PDF + b"\n" * 1_100_000))[0]
    assert "at most 1 MB" in outcome.reason and session.scalars(select(StoredFile)).all() == []


def test_the_same_file_twice_is_recognised_and_stored_once(session: Session, house: House, take_in: TakeIn) -> None:
    name = name_of(house, "student")
    first, second = take_in((name, PDF), (name, PDF))
    assert first.is_accepted and "received already" in second.reason
    assert only_paper(session) and len(session.scalars(select(StoredFile)).all()) == 1


def test_the_same_content_under_another_name_is_recognised(session: Session, house: House, take_in: TakeIn) -> None:
    take_in((name_of(house, "student"), PDF))
    outcome = take_in((name_of(house, "other_student"), PDF))[0]
    assert name_of(house, "student") in outcome.reason
    assert only_paper(session).person_id == house.student.id


def test_a_discarded_file_may_be_sent_again(session: Session, house: House, take_in: TakeIn, teacher: Viewer) -> None:
    take_in((name_of(house, "student"), PDF))
    discard(session, teacher, only_paper(session), "Upside down")
    assert take_in((name_of(house, "student"), PDF))[0].is_accepted
    states = session.scalars(select(Paper.state).order_by(Paper.state)).all()
    assert states == [PaperState.BOUND, PaperState.DISCARDED]


def test_files_of_one_page_are_one_pile(session: Session, house: House, take_in: TakeIn) -> None:
    pile = uuid4()
    take_in((name_of(house, "student"), PDF), batch_id=pile)
    take_in((name_of(house, "other_student"), samples.pdf("Other")), batch_id=pile)
    assert session.scalars(select(Batch.id)).all() == [pile]


def test_nobody_adds_to_anothers_pile(
    session: Session, house: House, take_in: TakeIn, viewer: Callable[[str], Viewer], store: FileStore
) -> None:
    pile = uuid4()
    take_in((name_of(house, "student"), PDF), batch_id=pile)
    upload = Upload(name=name_of(house, "other_student"), stream=io.BytesIO(samples.pdf("Other")))
    with pytest.raises(NotFound):
        take_uploads(session, viewer("non_editing_teacher"), [upload], store, batch_id=pile)


def test_nothing_is_taken_before_the_subject_is_known(
    session: Session, house: House, viewer: Callable[[str], Viewer], store: FileStore
) -> None:
    upload = Upload(name=name_of(house, "student"), stream=io.BytesIO(PDF))
    with pytest.raises(InvalidInput, match="which subject code"):
        take_uploads(session, viewer("teacher"), [upload], store, batch_id=uuid4())


def test_a_student_uploads_nothing(
    session: Session, house: House, teacher: Viewer, viewer: Callable[[str], Viewer], store: FileStore
) -> None:
    upload = Upload(name=name_of(house, "student"), stream=io.BytesIO(PDF))
    with pytest.raises(NotAllowed):
        take_uploads(session, viewer("student"), [upload], store, batch_id=uuid4())


def test_a_subject_code_that_no_file_could_carry_is_refused(session: Session, teacher: Viewer) -> None:
    with pytest.raises(InvalidInput, match="subject code"):
        set_subject(session, teacher, "B/10")


def test_the_header_is_drawn_by_a_job_soon_after_the_upload(
    house: House, take_in: TakeIn, store: FileStore, runtime: Runtime
) -> None:
    take_in((name_of(house, "student"), samples.pdf("One")))
    (paper,) = house.session.scalars(select(Paper))
    jobs = house.session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    (sent,) = house.session.scalars(select(SentFile))
    part = {"sent_file_id": str(sent.id), "first": 1, "last": 1}
    assert jobs == [("scans.read_pages", part)]
    read_pages(runtime, **part)
    (page,) = pages_of(house.session, paper)
    assert page.state == PageState.PLACED
    with Image.open(draw_header(store, page)) as header:
        assert header.width > 2 * header.height
