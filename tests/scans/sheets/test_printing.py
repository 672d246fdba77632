"""The PDF of a print run: as many pages as were ordered, each with its own code, kept with the run."""

import numpy as np
import pypdfium2
import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.sandbox import Limits
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.readers.page_codes import symbols_on
from lti_tool.scans.sheets.codes import looks_like_a_code, read_code
from lti_tool.scans.sheets.drawing import AT_ONCE, STICKERS_A_PAGE, PrintedSheet, pieces_of
from lti_tool.scans.sheets.models import PrintRun, RunState, SheetKind
from lti_tool.scans.sheets.runs import Order, booklets_of, codes_of, order_run
from lti_tool.scans.sheets.setup import ExamSetup, set_up
from lti_tool.scans.sheets.tasks import print_run
from tests.fixtures.people import House

WORDS = dict.fromkeys(("name", "place", "signature", "number", "how", "continues", "further"), "Words")
SETUP = ExamSetup(subject="BIO210", title="Final <exam>", sitting=1, pages=2, is_open=True)


@pytest.fixture
def run(session: Session, teacher: Viewer, house: House) -> PrintRun:
    set_up(session, teacher, SETUP)
    order = Order(people=(house.student.id,), has_names=True, continuations=1, label="Room 1")
    return order_run(session, teacher, order)


def test_every_page_of_a_run_carries_the_code_that_its_booklet_was_given(
    runtime: Runtime, session: Session, run: PrintRun, house: House
) -> None:
    print_run(runtime, run_id=str(run.id), words=WORDS)
    session.refresh(run)
    assert run.state == RunState.READY and run.file is not None
    with FileStore.of(runtime.settings).open(run.file) as stream:
        document = pypdfium2.PdfDocument(stream.read())
    wanted = [code for booklet in booklets_of(session, run) for code in codes_of(booklet)]
    assert [code_on(page, runtime) for page in document] == wanted
    assert house.student.display_name in document[0].get_textpage().get_text_range()


def code_on(page: pypdfium2.PdfPage, runtime: Runtime) -> object:
    symbols = symbols_on(np.asarray(page.render(scale=1.5).to_pil().convert("L")), looks_like_a_code)
    assert len(symbols) == 2
    return read_code(runtime.secrets, symbols[0].text)


def test_a_run_that_cannot_be_drawn_is_said_to_have_failed(
    runtime: Runtime, session: Session, run: PrintRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.scans.sheets.drawing.LIMITS", Limits(memory=64 * 1024**2, cpu_seconds=5))
    with pytest.raises(InvalidInput):
        print_run(runtime, run_id=str(run.id), words=WORDS)
    session.refresh(run)
    assert run.state == RunState.FAILED and run.file is None


def test_large_orders_are_drawn_inpieces_of_and_stickers_in_whole_sheets() -> None:
    booklets = [PrintedSheet(kind=SheetKind.BOOKLET, codes=[("", "")] * 99) for _ in range(3)]
    stickers = [PrintedSheet(kind=SheetKind.LABEL, codes=[("", "")]) for _ in range(200)]
    assert [sum(len(sheet.codes) for sheet in piece) for piece in pieces_of(booklets)] == [99, 99, 99]
    sizes = [len(piece) for piece in pieces_of(stickers)]
    assert sum(sizes) == 200 and max(sizes) <= AT_ONCE
    assert all(size % STICKERS_A_PAGE == 0 for size in sizes[:-1])
