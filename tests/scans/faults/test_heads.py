"""Printed numbers and names on papers of others: they propose and contradict, and never release."""

import importlib.util
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.runtime import Runtime
from lti_tool.scans.heads import has_heads_to_read, read_heads_of
from lti_tool.scans.matching import judge, propose_again
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.pages.evidence import keep_head
from lti_tool.scans.pages.heads import read_heads
from lti_tool.scans.pages.models import Evidence, Page
from lti_tool.scans.states import PaperState, Problem, Strength
from tests.fixtures.people import House
from tests.scans.conftest import EXAM, TakeIn
from tests.scans.faults.conftest import Scan, Sheet, booklet_of, file_of, papers
from tests.scans.faults.test_files import pdf_of, read_everything

Print = Callable[..., str]


def head(session: Session, house: House, *, number: str = "", names: tuple[str, ...] = ()) -> None:
    """Say what is printed on the first page, as the engine would."""
    page = session.scalars(select(Page).where(Page.number == 1)).one()
    keep_head(session, page.id, {"claim": number, "score": 0.97, "names": list(names), "version": "an engine"})
    judge(session, house.placements[EXAM], papers(session))


def jobs(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT task_name FROM procrastinate_jobs")))


def typed(*lines: str) -> Image.Image:
    """A page as another system prints it, at 150 dots per inch."""
    page, font = Image.new("L", (1240, 1754), 255), ImageFont.load_default(size=34)
    for place, line in enumerate(lines):
        ImageDraw.Draw(page).text((150, 150 + 80 * place), line, fill=0, font=font)
    return page


def test_a_printed_number_proposes_and_releases_nothing(session: Session, house: House, scan: Scan) -> None:
    scan(Sheet(), Sheet())
    head(session, house, number=house.student.idnumber)
    (paper,) = papers(session)
    assert (paper.state, paper.person_id, paper.strength) == (PaperState.BOUND, house.student.id, Strength.WEAK)


def test_a_printed_number_and_a_file_name_that_agree_release_nothing(
    session: Session, house: House, scan: Scan
) -> None:
    scan(Sheet(), Sheet(), name=file_of(house, "student"))
    head(session, house, number=house.student.idnumber)
    (paper,) = papers(session)
    assert (paper.state, paper.strength) == (PaperState.BOUND, Strength.WEAK)


def test_a_printed_number_of_somebody_else_contradicts_the_file_name(
    session: Session, house: House, scan: Scan
) -> None:
    scan(Sheet(), Sheet(), name=file_of(house, "student"))
    head(session, house, number=house.people["other_student"].idnumber)
    assert [(paper.state, paper.problem) for paper in papers(session)] == [
        (PaperState.QUARANTINED, Problem.CONTRADICTION)
    ]


def test_a_printed_number_that_nobody_has_changes_nothing(session: Session, house: House, scan: Scan) -> None:
    scan(Sheet(), Sheet(), name=file_of(house, "student"))
    head(session, house, number="999999999999")
    assert papers(session)[0].state == PaperState.BOUND


def test_a_printed_name_is_matched_with_todays_roster(
    session: Session, house: House, scan: Scan, teacher: Viewer
) -> None:
    scan(Sheet(), Sheet())
    head(session, house, names=("Biology final", "Eve Newcomer"))
    (paper,) = papers(session)
    assert paper.problem == Problem.NO_CLAIM
    house.student.name = "Eve Newcomer"
    assert propose_again(session, teacher) == 1
    assert (paper.person_id, paper.strength) == (house.student.id, Strength.WEAK)


def test_a_paper_with_two_facts_is_not_read_again(session: Session, house: House, booklet: Print, scan: Scan) -> None:
    sent = scan(*booklet_of(booklet("student"), house.student.idnumber))
    assert not has_heads_to_read(session, sent)


def test_a_foreign_cover_is_read_in_the_background_by_the_engine(
    session: Session, house: House, take_in: TakeIn, exam: object, runtime: Runtime
) -> None:
    cover = typed("FINAL EXAM BIOLOGY", f"Register no: {house.student.idnumber}", "Student Canary")
    assert take_in(("scan0001.pdf", pdf_of(cover, typed("An answer"))))[0].is_accepted
    read_everything(session, runtime)
    (paper,), (sent,) = papers(session), session.scalars(select(SentFile))
    assert (paper.state, paper.problem) == (PaperState.UNMATCHED, Problem.NO_CLAIM)
    assert "scans.read_heads" in jobs(session)
    read_heads_of(runtime, sent.id)
    session.expire_all()
    assert (paper.state, paper.person_id, paper.strength) == (PaperState.BOUND, house.student.id, Strength.WEAK)
    read = session.scalars(select(Evidence).where(Evidence.kind == "printed")).one()
    assert read.claim == house.student.idnumber and read.confidence > 0.8
    assert read.model_version.startswith("rapidocr ") and "Student Canary" in read.details["names"]
    assert not has_heads_to_read(session, sent)


def test_a_picture_that_cannot_be_opened_says_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "1.jpg").write_bytes(b"no picture")
    assert read_heads([(str(tmp_path / "1.jpg"), 0)], "[0-9]{12}")[0]["claim"] == ""


def test_without_the_engine_everything_else_works(
    session: Session, house: House, take_in: TakeIn, exam: object, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert take_in((file_of(house, "student"), pdf_of(typed("An answer"), typed("Another"))))[0].is_accepted
    read_everything(session, runtime)
    assert session.scalars(select(Paper.state)).all() == [PaperState.BOUND]
    assert "scans.read_heads" not in jobs(session)
