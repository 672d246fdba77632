"""An exam with a subject code, and papers of it at every stage."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.grading.models import Submission
from lti_tool.runtime import Runtime
from lti_tool.scans.confirming import claim, confirm
from lti_tool.scans.exam import set_subject
from lti_tool.scans.file_names import NameReading
from lti_tool.scans.handover.covering import covered_of
from lti_tool.scans.handover.handing_over import Material, keep_work
from lti_tool.scans.handover.works import find_work
from lti_tool.scans.models import Batch, Paper, SentFile
from lti_tool.scans.moves import move_page
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.resolving import confirm_match
from lti_tool.scans.states import FileState, PaperState
from lti_tool.scans.uploads import begin_pages, begin_paper, take_uploads
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of

EXAM = PlacementKind.EXAM
SUBJECT = "BIO210"


Arrive = Callable[..., Paper]
Release = Callable[[Paper], None]


class TakeIn(Protocol):
    def __call__(self, *files: tuple[str, bytes], batch_id: UUID | None = None) -> list[Outcome]: ...


PaperOf = Callable[..., Paper]
OnDesk = Callable[[Paper], Submission]


@pytest.fixture
def store(runtime: Runtime) -> FileStore:
    return FileStore.of(runtime.settings)


@pytest.fixture
def viewer(house: House) -> Callable[[str], Viewer]:
    return lambda name: viewer_of(house, name, EXAM)


@pytest.fixture
def teacher(house: House) -> Viewer:
    """A teacher in an exam whose files carry the subject code BIO210."""
    teacher = viewer_of(house, "teacher", EXAM)
    set_subject(house.session, teacher, SUBJECT)
    return teacher


@pytest.fixture
def take_in(session: Session, teacher: Viewer, store: FileStore) -> TakeIn:
    """take_in((name, content), ...) -> what became of each file"""

    def taken(*files: tuple[str, bytes], batch_id: UUID | None = None) -> list[Outcome]:
        uploads = [Upload(name=name, stream=io.BytesIO(content)) for name, content in files]
        return take_uploads(session, teacher, uploads, store, batch_id=batch_id or uuid4())

    return taken


def sent_file(session: Session, batch: Batch, stored: StoredFile, pages: int) -> SentFile:
    """A file whose pages were looked at, without the pictures that take time to draw."""
    sent = SentFile(
        placement_id=batch.placement_id,
        batch_id=batch.id,
        name=stored.name,
        sha256=stored.sha256,
        file=stored,
        pages=pages,
        state=FileState.READ,
        reason="",
    )
    session.add(sent)
    session.flush()
    for page in begin_pages(session, sent):
        for state in (PageState.DECODED, PageState.IDENTIFIED, PageState.PLACED):
            move_page(session, page, state)
    return sent


def paper_of(session: Session, exam: Placement, sent: SentFile, reading: NameReading) -> Paper:
    pages = list(session.scalars(select(Page).where(Page.sent_file_id == sent.id).order_by(Page.number)))
    return begin_paper(session, exam, sent, pages, reading)


def name_of(house: House, name: str, subject: str = SUBJECT) -> str:
    return f"{house.people[name].idnumber}_{subject}.pdf"


def only_paper(session: Session) -> Paper:
    return session.scalars(select(Paper)).one()


@pytest.fixture
def arrive(session: Session, house: House, teacher: Viewer, store: FileStore) -> Arrive:
    """arrive("student", subject="BIO210", number=None, pages=2): a paper matched by its name, without the slow checks
    of the file itself."""
    batch = Batch(id=uuid4(), placement_id=house.placements[EXAM].id, uploaded_by_id=teacher.person_id)
    session.add(batch)
    session.flush()

    def arrived(name: str = "student", *, subject: str = SUBJECT, number: str | None = None, pages: int = 2) -> Paper:
        number = number or house.people[name].idnumber
        content = samples.pdf(*(f"{number} page {page} {uuid4()}" for page in range(pages)))
        stored = store.put(
            session,
            io.BytesIO(content),
            name=f"{number}_{subject}.pdf",
            media_type=MediaType.PDF,
            course_id=house.course.id,
        )
        sent = sent_file(session, batch, stored, pages)
        reading = NameReading(register_number=number, subject_code=subject)
        return paper_of(session, house.placements[EXAM], sent, reading)

    return arrived


@pytest.fixture
def bound(arrive: Arrive) -> PaperOf:
    """bound(name="student"): a paper that its file name gives to somebody."""

    def made(name: str = "student") -> Paper:
        paper = arrive(name)
        assert paper.state == PaperState.BOUND
        return paper

    return made


@pytest.fixture
def release(session: Session, teacher: Viewer, runtime: Runtime, store: FileStore) -> Release:
    """release(paper): the teacher has compared its header with the name."""
    return lambda paper: confirm_match(session, teacher, paper, runtime.secrets, store, binding=paper.binding)


@pytest.fixture
def released(bound: PaperOf, release: Release) -> PaperOf:
    def made(name: str = "student") -> Paper:
        paper = bound(name)
        release(paper)
        return paper

    return made


@pytest.fixture
def on_desk(session: Session, store: FileStore, tmp_path: Path) -> OnDesk:
    """on_desk(paper): the work that it becomes, without the second that its own PDF takes."""

    def made(paper: Paper) -> Submission:
        pages = pages_of(session, paper)
        (tmp_path / "paper.pdf").write_bytes(samples.pdf(*(f"Answer {page.number}" for page in pages)))
        material = Material(binding=paper.binding, pictures=[("", 0)] * len(pages), covered=covered_of(session, pages))
        keep_work(session, store, paper.id, material, tmp_path / "paper.pdf")
        work = find_work(session, paper)
        assert work is not None
        return work

    return made


@pytest.fixture
def confirmed(session: Session, house: House, released: PaperOf, runtime: Runtime, store: FileStore) -> PaperOf:
    def made(name: str = "student") -> Paper:
        paper, student = released(name), viewer_of(house, name, EXAM)
        claim(session, student, paper, runtime.secrets)
        confirm(session, student, paper, runtime.secrets, store)
        return paper

    return made
