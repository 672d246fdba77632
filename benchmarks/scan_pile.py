"""A pile of 200 booklets in one PDF: from its bytes to papers, and what the pages that staff look at then cost.

    python -m benchmarks.scan_pile mnist-pngs [--booklets 200] [--pages 4]

Covers carry a printed name's code and the same number by hand, so that all papers should find their students. Two
threads read 25 pages at a time, as a worker does. CPU time counts our process and the limited ones.
"""

import argparse
import io
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pypdfium2
import segno
from cryptography.fernet import Fernet
from PIL import Image
from sqlalchemy import Engine, event, func, select

from benchmarks.scan_damage import Digits, fill_bubbles, mnist, noise, write_number
from benchmarks.scan_identification import DIGITS, FIRST_NUMBER, WORDS
from benchmarks.schema import fresh_database
from lti_tool.accounts.models import Membership, Person, PlacementKind, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import Settings
from lti_tool.db import transaction
from lti_tool.files.store import FileStore
from lti_tool.runtime import Runtime
from lti_tool.scans import piles
from lti_tool.scans.board import board
from lti_tool.scans.exam import set_subject
from lti_tool.scans.intake.listing import received_files
from lti_tool.scans.intake.taking_in import Sender, take_in
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.decoding import PAGES_AT_ONCE
from lti_tool.scans.resolve.queue import waiting
from lti_tool.scans.sheets import layout
from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark, new_serial
from lti_tool.scans.sheets.drawing import Heading, PrintedSheet, drawn
from lti_tool.scans.sheets.models import Booklet, PrintRun, SheetKind
from lti_tool.scans.states import PaperState, Source
from lti_tool.secrets import Secrets
from tests.fixtures.people import build_house
from tests.fixtures.services import viewer_of

DPI, EXAM = 200, PlacementKind.EXAM
DOTS = DPI / 25.4
PICTURE = (
    b"<</Type/XObject/Subtype/Image/Width %d/Height %d"
    b"/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length %d>>"
)
LEAF = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</XObject<</I %d 0 R>>>>/Contents %d 0 R>>"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One booklet and whose it is."""

    serial: str
    number: str


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print what something cost."""
    began, cpu = time.perf_counter(), _cpu()
    yield
    print(f"{what:44}{time.perf_counter() - began:8.1f} s{_cpu() - cpu:8.1f} s CPU", flush=True)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def prepare(runtime: Runtime, booklets: int, pages: int) -> tuple[Viewer, list[Printed]]:
    """An exam, a class with consecutive numbers, a printed booklet for each."""
    with transaction(runtime.engine) as session:
        house = build_house(session)
        exam = house.placements[EXAM]
        exam.options = {"pages": pages}
        teacher = viewer_of(house, "teacher", EXAM)
        set_subject(session, teacher, "BIO210")
        run = PrintRun(placement_id=exam.id, by_id=house.teacher.id, digits=DIGITS)
        session.add(run)
        session.flush()
        found = []
        for place in range(booklets):
            number = str(FIRST_NUMBER + place)
            person = Person(platform_id=house.platform.id, sub=f"s{place}", name=f"Student {place}", idnumber=number)
            session.add(person)
            session.flush()
            session.add(Membership(course_id=house.course.id, person_id=person.id, launch_role=Role.STUDENT))
            serial = new_serial()
            session.add(
                Booklet(
                    serial=serial,
                    run_id=run.id,
                    placement_id=exam.id,
                    position=place + 1,
                    kind=SheetKind.BOOKLET,
                    pages=pages,
                    person_id=person.id,
                )
            )
            found.append(Printed(serial=serial, number=number))
        return teacher, found


def templates(pages: int) -> list[Image.Image]:
    """The printed pages of a booklet, still without codes."""
    code = SheetCode(exam=exam_mark(UUID(int=5)), serial=new_serial(), page=1)
    sheet = PrintedSheet(kind=SheetKind.BOOKLET, codes=[("X", code.readable)] * pages, name="A. Student")
    heading = Heading(course="Course", title="Exam", subject="BIO210", digits=DIGITS, language="en", words=WORDS)
    document = pypdfium2.PdfDocument(drawn([sheet], heading))
    return [document[page].render(scale=DPI / 72).to_pil().convert("L") for page in range(pages)]


def scans(
    runtime: Runtime, exam_id: UUID, booklets: Sequence[Printed], blank: Sequence[Image.Image], digits: Digits
) -> Iterator[Image.Image]:
    rng = np.random.default_rng(1)
    for booklet in booklets:
        for page, printed in enumerate(blank, start=1):
            scan = printed.copy()
            code = SheetCode(exam=exam_mark(exam_id), serial=booklet.serial, page=page)
            _stick(scan, code_text(runtime.secrets, code))
            if page == 1:
                write_number(scan, booklet.number, digits, DOTS, rng)
                fill_bubbles(scan, booklet.number, DOTS, rng)
            grey = np.clip(np.asarray(scan) + noise((scan.height, scan.width), 4, rng), 0, 255).astype(np.uint8)
            yield Image.fromarray(grey)


def _stick(page: Image.Image, text: str) -> None:
    drawn_code = io.BytesIO()
    segno.make(text, error="q", micro=False).save(drawn_code, kind="png", scale=6, border=0)
    with Image.open(drawn_code) as symbol:
        small = symbol.convert("L").resize((round(layout.CODE * DOTS),) * 2)
    for area in (layout.TOP_RIGHT, layout.BOTTOM_LEFT):
        page.paste(small, (round(area.left * DOTS), round(area.top * DOTS)))


def write_pdf(target: Path, pages: Iterator[Image.Image]) -> None:
    """As a scanner writes it, one JPEG a page, and without keeping any: our own memory is measured."""
    places: dict[int, int] = {}
    with target.open("wb") as output:

        def write(number: int, *parts: bytes) -> None:
            places[number] = output.tell()
            output.write(b"%d 0 obj\n" % number + b"".join(parts) + b"\nendobj\n")

        output.write(b"%PDF-1.4\n")
        kids = []
        for index, page in enumerate(pages):
            jpeg = io.BytesIO()
            page.save(jpeg, "JPEG", quality=75)
            leaf, picture, content = (3 + 3 * index + part for part in range(3))
            width, height = (72 * side / DPI for side in page.size)
            draw = b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % (width, height)
            write(picture, PICTURE % (*page.size, jpeg.tell()), b"\nstream\n", jpeg.getvalue(), b"\nendstream")
            write(content, b"<</Length %d>>\nstream\n%s\nendstream" % (len(draw), draw))
            write(leaf, LEAF % (width, height, picture, content))
            kids.append(b"%d 0 R" % leaf)
        write(1, b"<</Type/Catalog/Pages 2 0 R>>")
        write(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids)))
        start = output.tell()
        output.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        output.writelines(b"%010d 00000 n \n" % places[number] for number in sorted(places))
        output.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))


@contextmanager
def counted(engine: Engine) -> Iterator[Callable[[], int]]:
    """How many statements went to the database."""
    lock, count = threading.Lock(), [0]

    def one_more(*_: object) -> None:
        with lock:
            count[0] += 1

    event.listen(engine, "before_cursor_execute", one_more)
    yield lambda: count[0]
    event.remove(engine, "before_cursor_execute", one_more)


def read_all(runtime: Runtime) -> None:
    """Every part of the file, two at a time; whoever ends last puts the pages in their places."""
    store = FileStore.of(runtime.settings)
    with transaction(runtime.engine) as session:
        sent = session.scalars(select(SentFile)).one()
        parts = [
            range(first, min(first + PAGES_AT_ONCE, sent.pages + 1))
            for first in range(1, sent.pages + 1, PAGES_AT_ONCE)
        ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: piles.read_part(runtime.engine, runtime.secrets, store, sent.id, part), parts[:-1]))
    with measured("the last part, with all papers put together"), counted(runtime.engine) as count:
        piles.read_part(runtime.engine, runtime.secrets, store, sent.id, parts[-1])
        print(f"  {count()} statements", flush=True)


def look(runtime: Runtime, teacher: Viewer) -> None:
    """The lists that a page asks for again while a pile is read, and the first paper of the resolve screen."""
    for what, ask in (("the list of files", received_files), ("the board", board), ("what waits", waiting)):
        with measured(what), counted(runtime.engine) as count, transaction(runtime.engine) as session:
            ask(session, teacher)
            print(f"  {count()} statements", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("--booklets", type=int, default=200)
    parser.add_argument("--pages", type=int, default=4)
    asked = parser.parse_args()
    secrets = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
    with fresh_database() as engine, tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_env({}), data_dir=Path(folder))
        runtime = Runtime(settings=settings, engine=engine, secrets=secrets)
        teacher, booklets = prepare(runtime, asked.booklets, asked.pages)
        assert teacher.placement_id is not None
        pile = Path(folder) / "pile.pdf"
        write_pdf(pile, scans(runtime, teacher.placement_id, booklets, templates(asked.pages), mnist(asked.digits)))
        print(f"{asked.booklets} booklets, {asked.booklets * asked.pages} pages, {pile.stat().st_size / 1e6:.0f} MB")
        sender = Sender(
            placement_id=teacher.placement_id,
            batch_id=uuid4(),
            person_id=teacher.person_id,
            role="teacher",
            source=Source.COMMAND,
        )
        with measured("taken in"):
            (outcome,) = take_in(runtime, sender, pile, "pile.pdf", most_bytes=2**31)
            assert outcome.is_accepted, outcome.reason
        with measured("read, from the first page to the last paper"):
            read_all(runtime)
        look(runtime, teacher)
        with transaction(engine) as session:
            states = session.execute(select(Paper.state, func.count()).group_by(Paper.state)).all()
            assert sum(count for _state, count in states) == asked.booklets, states
        print("papers: " + ", ".join(f"{count} {PaperState(state)}" for state, count in states))
    for who, name in ((resource.RUSAGE_SELF, "our process"), (resource.RUSAGE_CHILDREN, "a limited process")):
        print(f"peak memory of {name}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
