"""Piles as they come from the scanner, without the slow part: pages whose pictures and readings are already known."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.matching import judge
from lti_tool.scans.models import Batch, Paper, SentFile
from lti_tool.scans.moves import move_page
from lti_tool.scans.pages.evidence import keep_readings
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.settling import settle
from lti_tool.scans.pages.states import EvidenceKind, PageState
from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark
from lti_tool.scans.sheets.models import Booklet, PrintRun
from lti_tool.scans.uploads import begin_pages, begin_paper
from tests.files import samples
from tests.fixtures.people import House
from tests.scans.conftest import EXAM, SUBJECT
from tests.scans.readers.conftest import places_of


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One scanned page; `written` is the number in its boxes, `marked` that of its bubbles."""

    serial: str = ""
    number: int = 1
    written: str = ""
    marked: str = ""
    picture: str = field(default_factory=lambda: uuid4().hex * 2)
    ink: int = 900
    turned: int = 0
    exam: str = ""
    is_damaged: bool = False


Scan = Callable[..., SentFile]


@pytest.fixture
def exam(house: House, teacher: Viewer) -> Placement:
    house.placements[EXAM].options = {**house.placements[EXAM].options, "pages": 2}
    return house.placements[EXAM]


@pytest.fixture
def booklet(session: Session, house: House, exam: Placement) -> Callable[..., str]:
    """booklet("student", pages=2): the serial of a booklet printed for somebody; without a name for anybody."""
    run = PrintRun(placement_id=exam.id, by_id=house.teacher.id, digits=12)
    session.add(run)
    session.flush()

    def printed(name: str = "", pages: int = 2) -> str:
        count = len(list(session.scalars(select(Booklet))))
        serial = f"AAAAAA{'ABCDEFGH'[count]}"
        person_id = house.people[name].id if name else None
        session.add(
            Booklet(
                serial=serial,
                run_id=run.id,
                placement_id=exam.id,
                position=count + 1,
                kind="booklet",
                pages=pages,
                person_id=person_id,
            )
        )
        session.flush()
        return serial

    return printed


@pytest.fixture
def scan(session: Session, house: House, exam: Placement, store: FileStore, runtime: Runtime) -> Scan:
    """scan(Sheet(...), ..., name="pile.pdf"): a file whose pages were taken out, read, placed and judged."""
    batch = Batch(id=uuid4(), placement_id=exam.id, uploaded_by_id=house.teacher.id)
    session.add(batch)
    session.flush()

    def scanned(*sheets: Sheet, name: str = "pile.pdf") -> SentFile:
        sent = _received(session, house, store, batch, len(sheets), name)
        pages = begin_pages(session, sent)
        reading = NamePatterns.of_course(session, house.course.id).find(name)
        named = [begin_paper(session, exam, sent, pages, reading)] if reading else []
        for page, sheet in zip(pages, sheets, strict=True):
            _take_out(session, runtime, sent, page, sheet)
        judge(session, exam, [*named, *settle(session, exam, sent)])
        return sent

    return scanned


def _received(session: Session, house: House, store: FileStore, batch: Batch, pages: int, name: str) -> SentFile:
    stored = store.put(
        session,
        io.BytesIO(samples.pdf(str(uuid4()))),
        name=name,
        media_type=MediaType.PDF,
        course_id=house.course.id,
    )
    sent = SentFile(
        placement_id=batch.placement_id,
        batch_id=batch.id,
        name=name,
        sha256=stored.sha256,
        file=stored,
        pages=pages,
        reason="",
    )
    session.add(sent)
    session.flush()
    return sent


def _take_out(session: Session, runtime: Runtime, sent: SentFile, page: Page, sheet: Sheet) -> None:
    if sheet.is_damaged:
        return move_page(session, page, PageState.DAMAGED)
    page.image, page.sha256, page.ink = sent.file, sheet.picture, sheet.ink
    page.phash = sheet.picture[:64]
    if sheet.serial:
        code = SheetCode(exam=sheet.exam or exam_mark(sent.placement_id), serial=sheet.serial, page=sheet.number)
        read = {
            "code": code_text(runtime.secrets, code),
            "version": "test",
            "turned": sheet.turned,
            "dots_per_inch": 200,
            "readings": _readings(sheet),
        }
        keep_readings(session, runtime.secrets, page, read)
    return move_page(session, page, PageState.DECODED)


def _readings(sheet: Sheet) -> list[dict[str, object]]:
    found = [(EvidenceKind.BUBBLES, sheet.marked), (EvidenceKind.DIGITS, sheet.written)]
    return [
        {
            "kind": kind,
            "claim": number,
            "score": 0.99,
            "version": "test",
            "is_clear": True,
            "places": [list(place) for place in places_of(number)],
        }
        for kind, number in found
        if number
    ]


def papers(session: Session) -> list[Paper]:
    return list(session.scalars(select(Paper).order_by(Paper.created_at, Paper.name, Paper.booklet)))


def states(session: Session, sent: SentFile) -> list[str]:
    return list(session.scalars(select(Page.state).where(Page.sent_file_id == sent.id).order_by(Page.number)))


def file_of(house: House, name: str) -> str:
    return f"{house.people[name].idnumber}_{SUBJECT}.pdf"


def booklet_of(serial: str, number: str = "", pages: Sequence[int] = (1, 2)) -> list[Sheet]:
    """The sheets of one booklet in this order, with a number written on the cover."""
    return [Sheet(serial=serial, number=page, written=number if page == 1 else "") for page in pages]
