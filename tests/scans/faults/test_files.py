"""Real files through the readers: printed pages upside down, hostile and damaged files among good ones."""

import io
from collections.abc import Callable

import pytest
import segno
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans.custody import check_custody
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.taking_out import take_out
from lti_tool.scans.pictures import draw_header, draw_page
from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark
from lti_tool.scans.sheets.layout import BOTTOM_LEFT, PAGE_HEIGHT, PAGE_WIDTH, TOP_RIGHT
from lti_tool.scans.tasks import read_pages
from tests.files import samples
from tests.fixtures.people import House
from tests.scans.conftest import TakeIn, name_of

DOTS = 6
Print = Callable[..., str]


def printed(text: str, *, turned: int = 0) -> Image.Image:
    """A page with its code in two corners, at about 150 dots per inch."""
    page = Image.new("L", (round(PAGE_WIDTH * DOTS), round(PAGE_HEIGHT * DOTS)), 250)
    code = io.BytesIO()
    segno.make(text, error="q", micro=False).save(code, kind="png", scale=8, border=0)
    with Image.open(code) as symbol:
        for area in (TOP_RIGHT, BOTTOM_LEFT):
            small = symbol.convert("L").resize((round(area.width * DOTS), round(area.height * DOTS)))
            page.paste(small, (round(area.left * DOTS), round(area.top * DOTS)))
    return page.rotate(-turned, expand=True)


def pdf_of(*pages: Image.Image) -> bytes:
    written = io.BytesIO()
    pages[0].save(written, "PDF", save_all=True, append_images=pages[1:])
    return written.getvalue()


def read_everything(session: Session, runtime: Runtime) -> None:
    for sent in session.scalars(select(SentFile).where(SentFile.state == "received")).all():
        read_pages(runtime, sent_file_id=str(sent.id), first=1, last=sent.pages)
    session.expire_all()


def test_a_scanned_pile_is_sorted_by_its_codes_turned_and_bound(
    session: Session, exam: Placement, booklet: Print, take_in: TakeIn, runtime: Runtime, store: FileStore
) -> None:
    one, other = booklet("student"), booklet("other_student")

    def code(serial: str, page: int) -> str:
        return code_text(runtime.secrets, SheetCode(exam=exam_mark(exam.id), serial=serial, page=page))

    pages = [
        printed(code(other, 1)),
        printed(code(one, 2), turned=180),
        printed(code(one, 1)),
        Image.new("L", (900, 1200), 255),
    ]
    assert take_in(("scan0001.pdf", pdf_of(*pages)))[0].is_accepted
    read_everything(session, runtime)
    ours, theirs = session.scalars(select(Paper).order_by(Paper.booklet)).all()
    assert [(page.number, page.sheet_number, page.rotation) for page in pages_of(session, ours)] == [
        (3, 1, 0),
        (2, 2, 180),
    ]
    assert (ours.state, ours.missing, theirs.missing) == ("bound", [], [2])
    states = session.scalars(select(Page.state).order_by(Page.number)).all()
    assert states == ["placed", "placed", "placed", "unknown"]
    check_custody(session, store, ours)


@pytest.mark.parametrize(("kind", "pages"), [("TIFF", 2), ("JPEG", 1), ("PNG", 1)])
def test_pictures_are_papers_too(
    session: Session, house: House, take_in: TakeIn, runtime: Runtime, kind: str, pages: int
) -> None:
    written, page = io.BytesIO(), Image.effect_noise((620, 877), 40)
    more = {"save_all": True, "append_images": [page.rotate(180)]} if pages > 1 else {}
    page.save(written, kind, **more)
    name = name_of(house, "student").replace(".pdf", {"TIFF": ".tif", "JPEG": ".jpg", "PNG": ".png"}[kind])
    assert take_in((name, written.getvalue()))[0].is_accepted
    read_everything(session, runtime)
    (paper,) = session.scalars(select(Paper))
    assert (paper.state, paper.pages) == ("bound", pages)
    assert {page.state for page in pages_of(session, paper)} == {"placed"}


def test_one_hostile_file_fails_alone_and_is_listed_with_its_reason(
    session: Session, house: House, take_in: TakeIn, runtime: Runtime
) -> None:
    good = (name_of(house, "student"), samples.pdf("Answer"))
    bad = ("bad.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n")
    locked = ("locked.pdf", samples.encrypted_pdf())
    assert [outcome.is_accepted for outcome in take_in(bad, good, locked)] == [False, True, False]
    read_everything(session, runtime)
    files = {file.name: (file.state, bool(file.reason)) for file in session.scalars(select(SentFile))}
    assert files == {"bad.pdf": ("failed", True), "locked.pdf": ("failed", True), good[0]: ("read", False)}


def test_a_page_that_cannot_be_drawn_leaves_its_neighbours(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.tif"
    first, second = Image.new("L", (60, 80), 200), Image.new("L", (60, 80), 90)
    first.save(path, "TIFF", save_all=True, append_images=[second])
    found = take_out(str(path), False, [1, 9, 2], str(tmp_path))
    assert ["sha256" in page for page in found] == [True, False, True]


def test_a_page_keeps_the_bytes_of_its_jpeg_and_its_hash_in_any_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = Image.effect_noise((620, 877), 40)
    page.save(tmp_path / "a.pdf", "PDF")
    (first,) = take_out(str(tmp_path / "a.pdf"), True, [1], str(tmp_path))
    (tmp_path / "1.jpg").rename(tmp_path / "page.jpg")
    (again,) = take_out(str(tmp_path / "page.jpg"), False, [1], str(tmp_path))
    assert first["sha256"] == again["sha256"]
    assert (tmp_path / "1.jpg").read_bytes() == (tmp_path / "page.jpg").read_bytes()


def test_the_headers_of_a_pile_are_drawn_before_anybody_looks(
    session: Session,
    house: House,
    take_in: TakeIn,
    runtime: Runtime,
    store: FileStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in((name_of(house, "student"), samples.pdf("Answer", "Another")))
    read_everything(session, runtime)
    monkeypatch.setattr("lti_tool.files.sandbox.run", None)
    page = session.scalars(select(Page).where(Page.number == 1)).one()
    with Image.open(draw_page(store, page)) as view, Image.open(draw_header(store, page)) as header:
        assert view.width == header.width == 1240 and header.height < view.height / 3


def test_a_job_that_runs_twice_reads_nothing_twice(
    session: Session, house: House, take_in: TakeIn, runtime: Runtime
) -> None:
    take_in((name_of(house, "student"), samples.pdf("Answer")))
    (sent,) = session.scalars(select(SentFile))
    for _run in range(2):
        read_pages(runtime, sent_file_id=str(sent.id), first=1, last=1)
    session.expire_all()
    assert session.scalars(select(Page.state)).all() == ["placed"] and len(session.scalars(select(Paper)).all()) == 1
