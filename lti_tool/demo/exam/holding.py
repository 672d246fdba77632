"""Hold the demo's exam once, with the rights of its teacher: set up, printed, sat, scanned, and put on the questions.

The pile is uploaded as any other; whose each paper is the worker finds out by itself.
"""

import io
from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.roster.sync import sync_roster
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import transaction
from lti_tool.demo.exam.answers import QUESTIONS, SHEETS, SUBJECT, TITLE
from lti_tool.demo.exam.writing import Written, scanned
from lti_tool.demo.filling import viewer_at
from lti_tool.demo.models import Person
from lti_tool.demo.visitor import SiteVisitor
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Upload
from lti_tool.grading.rubrics.plain_text import read_lines
from lti_tool.grading.rubrics.versions import save_rubric
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Batch
from lti_tool.scans.roster.numbers import entrants
from lti_tool.scans.sheets.drawing import SHEET_WORDS
from lti_tool.scans.sheets.models import PrintRun
from lti_tool.scans.sheets.runs import Order, order_run
from lti_tool.scans.sheets.setup import ExamSetup, set_up
from lti_tool.scans.sheets.tasks import print_run
from lti_tool.scans.uploads import take_uploads

PAGES = 2
TILTS = (0.6, -0.4, 1.1, 0.0, -0.8, 0.3, -1.2, 0.5)
"""In degrees: no sheet lies straight on a scanner."""


def hold_exam(runtime: Runtime, visitor: SiteVisitor) -> None:
    """The first time alone: what a teacher made of the pile stays as it is."""
    viewer = viewer_at(runtime, visitor, PlacementKind.EXAM)
    if _has_pile(runtime, viewer):
        return
    sync_roster(runtime.engine, runtime.secrets, viewer.course_id)
    with transaction(runtime.engine) as session:
        run_id, sitters = _order(session, viewer)
    print_run(runtime, run_id=str(run_id), words=SHEET_WORDS)
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        printed = store.path(session.get_one(StoredFile, session.get_one(PrintRun, run_id).file_id)).read_bytes()
    pile = Upload(name="midterm-room-2.pdf", stream=io.BytesIO(scanned(printed, _written(visitor, sitters))))
    with transaction(runtime.engine) as session:
        take_uploads(session, viewer, [pile], store, batch_id=uuid4())


def _has_pile(runtime: Runtime, viewer: Viewer) -> bool:
    with transaction(runtime.engine) as session:
        exam = exam_of(session, viewer)
        return session.scalar(select(Batch.id).where(Batch.placement_id == exam.id).limit(1)) is not None


def _order(session: Session, viewer: Viewer) -> tuple[UUID, list[str]]:
    """Set the exam up and order the booklets; the run, and the numbers of the students in its order."""
    set_up(session, viewer, ExamSetup(subject=SUBJECT, title=TITLE, sitting=1, pages=PAGES, is_open=True))
    save_rubric(session, viewer, exam_of(session, viewer), read_lines(QUESTIONS))
    sitting = [entrant for entrant in entrants(session, viewer) if entrant.is_usable]
    people = tuple(entrant.person.id for entrant in sitting)
    run = order_run(session, viewer, Order(label="Room 2", locale="en", has_names=True, people=people))
    return run.id, [entrant.number for entrant in sitting]


def _written(visitor: SiteVisitor, numbers: Sequence[str]) -> list[Written]:
    """Who wrote what into which booklet."""
    with visitor.store.transaction() as rows:
        usernames = dict(rows.execute(select(Person.idnumber, Person.username)).all())
    number_of = {username: number for number, username in usernames.items()}
    sheets = [(number, SHEETS[usernames[number]]) for number in numbers]
    return [
        Written(sheet=sheet, number=number, bubbled=number_of.get(sheet.bubbled_as, number), tilt=tilt)
        for (number, sheet), tilt in zip(sheets, TILTS, strict=False)
    ]
