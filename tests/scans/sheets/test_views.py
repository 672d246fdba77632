"""Before the exam: setting it up, register numbers, ordering a print run, and who got which booklet."""

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.sheets.models import Booklet, PrintRun
from tests.fixtures.people import Browser, Enter, House
from tests.scans.conftest import EXAM

SETUP = {"subject": "bio210", "title": "Final exam", "sitting": "1", "pages": "4", "is_open": "yes"}
RUN = {"label": "Room 1", "what": "booklets", "for": "anybody", "unnamed": "2", "spares": "1", "continuations": "1"}


@pytest.fixture
def staff(enter: Enter) -> Browser:
    return enter("teacher", EXAM)


@pytest.fixture
def ready(staff: Browser) -> Browser:
    staff.post("scans/sheets/setup", SETUP)
    return staff


def run_of(session: Session) -> PrintRun:
    return session.scalars(select(PrintRun)).one()


def test_nothing_is_printed_before_the_exam_is_set_up(staff: Browser) -> None:
    assert "Make the PDF" not in staff.page("scans/sheets/").text
    assert staff.post("scans/sheets/print", RUN).status_code == 400


def test_what_the_setup_says_stands_in_the_form_again(ready: Browser) -> None:
    page = ready.page("scans/sheets/")
    assert page.find("input", id="subject")["value"] == "BIO210"
    assert page.find("input", id="pages")["value"] == "4"


def test_an_ordered_run_is_listed_with_what_it_has(ready: Browser) -> None:
    page = ready.follow(ready.post("scans/sheets/print", RUN))
    assert "Booklet: 2" in page.text and "Spare booklet: 1" in page.text and "being made" in page.text


def test_a_pdf_that_is_still_being_made_is_not_found(ready: Browser, session: Session) -> None:
    ready.post("scans/sheets/print", RUN)
    assert ready.get(f"scans/sheets/runs/{run_of(session).id}/booklets.pdf").status_code == 404


def test_students_get_booklets_with_their_names_in_the_order_of_the_roster(
    ready: Browser, session: Session, house: House
) -> None:
    student = str(house.student.id)
    ready.post("scans/sheets/print", RUN | {"for": "students", "first": student, "last": student, "spares": "0"})
    run = run_of(session)
    assert house.student.display_name in ready.page(f"scans/sheets/runs/{run.id}").text


def test_the_attendance_list_is_a_pdf(ready: Browser, session: Session) -> None:
    ready.post("scans/sheets/print", RUN)
    answer = ready.get(f"scans/sheets/runs/{run_of(session).id}/attendance.pdf")
    assert answer.data.startswith(b"%PDF-") and answer.headers["Cache-Control"] == "private, no-store"


def test_the_hall_notes_who_got_a_booklet(ready: Browser, session: Session, house: House) -> None:
    ready.post("scans/sheets/print", RUN)
    run = run_of(session)
    spare = session.scalars(select(Booklet).where(Booklet.run_id == run.id, Booklet.kind == "spare")).one()
    line = f"{spare.serial[:3]} {spare.serial[3:].lower()} / 1; {house.student.idnumber}"
    ready.post(f"scans/sheets/runs/{run.id}/given", {"given": line})
    session.refresh(spare)
    assert (spare.person_id, spare.kind) == (house.student.id, "booklet")


def test_students_see_none_of_it(enter: Enter) -> None:
    student = enter("student", EXAM)
    assert [student.get(path).status_code for path in ("scans/sheets/", "scans/numbers/")] == [403, 403]


def test_a_number_is_corrected_and_marked_as_written_here(staff: Browser, house: House) -> None:
    staff.post(f"scans/numbers/people/{house.student.id}", {"number": "230521100999"})
    page = staff.page("scans/numbers/")
    assert page.find("input", id=f"number-{house.student.id}")["value"] == "230521100999"
    assert "written here" in page.text


def test_a_table_takes_numbers_over_and_says_which_lines_it_could_not_use(staff: Browser, house: House) -> None:
    table = f"email;register_number\n{house.student.email};230521100777\nnobody@example.org;230521100778\n"
    content = {"table": (io.BytesIO(table.encode()), "numbers.csv")}
    page = staff.follow(staff.post("scans/numbers/import", content, content_type="multipart/form-data"))
    assert "1 register number taken over" in page.text
    assert "Line 3" in page.text and "nobody@example.org" in page.text


def test_the_table_comes_back_as_it_is_in_force(staff: Browser, house: House, teacher: Viewer) -> None:
    answer = staff.get("scans/numbers/numbers.csv").get_data(as_text=True)
    assert house.student.idnumber in answer and "register_number" in answer
