"""Print runs and setup as rules: serials, kinds, who, and what a code leads to."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.exam import exam_of
from lti_tool.scans.sheets.models import PrintRun, SheetKind
from lti_tool.scans.sheets.runs import (
    Order,
    booklets_of,
    codes_of,
    find_booklet,
    given_in,
    order_run,
    run_for,
)
from lti_tool.scans.sheets.setup import ExamSetup, current_setup, set_up
from tests.fixtures.people import House

SETUP = ExamSetup(subject="BIO210", title="Final exam", sitting=1, pages=4, is_open=True)


@pytest.fixture
def order(session: Session, teacher: Viewer):  # type: ignore[no-untyped-def]
    """order(unnamed=2): a run of the exam that is set up with four pages."""
    set_up(session, teacher, SETUP)

    def ordered(**wanted: object) -> PrintRun:
        return order_run(session, teacher, Order(**wanted))  # type: ignore[arg-type]

    return ordered


def test_two_runs_of_the_same_room_share_no_serial(session: Session, order) -> None:  # type: ignore[no-untyped-def]
    first, second = order(unnamed=3), order(unnamed=3)
    serials = {booklet.serial for run in (first, second) for booklet in booklets_of(session, run)}
    assert len(serials) == 6


def test_a_run_holds_booklets_spares_and_further_sheets_in_this_order(session: Session, order) -> None:  # type: ignore[no-untyped-def]
    booklets = booklets_of(session, order(unnamed=1, spares=1, continuations=1))
    assert [(booklet.kind, booklet.pages) for booklet in booklets] == [
        ("booklet", 4),
        ("spare", 4),
        ("continuation", 2),
    ]


def test_a_named_booklet_knows_its_student(session: Session, order, house: House) -> None:  # type: ignore[no-untyped-def]
    (booklet,) = booklets_of(session, order(people=(house.student.id,), has_names=True))
    assert booklet.person_id == house.student.id


def test_a_booklet_for_somebody_of_another_course_is_refused(order, house: House) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotFound):
        order(people=(house.outsider.id,))


def test_an_empty_run_and_one_that_is_too_large_are_refused(order) -> None:  # type: ignore[no-untyped-def]
    for wanted in ({}, {"unnamed": 1_001}):
        with pytest.raises(InvalidInput):
            order(**wanted)


def test_a_code_leads_to_its_booklet_and_no_further_than_its_last_page(
    session: Session,
    teacher: Viewer,
    order,  # type: ignore[no-untyped-def]
) -> None:
    (booklet,) = booklets_of(session, order(unnamed=1))
    exam, last = exam_of(session, teacher), codes_of(booklet)[-1]
    assert last.page == 4 and find_booklet(session, exam.id, last) == booklet
    assert find_booklet(session, exam.id, replace(last, page=5)) is None


def test_a_page_of_another_exam_is_known_as_foreign(session: Session, order) -> None:  # type: ignore[no-untyped-def]
    (booklet,) = booklets_of(session, order(unnamed=1))
    code = codes_of(booklet)[0]
    assert find_booklet(session, uuid4(), code) is None


def test_a_sticker_has_one_code_that_names_no_page(session: Session, order) -> None:  # type: ignore[no-untyped-def]
    (sticker,) = booklets_of(session, order(unnamed=1, is_labels=True))
    assert sticker.kind == SheetKind.LABEL and [code.is_sticker for code in codes_of(sticker)] == [True]


def test_a_run_of_another_exam_is_not_found(session: Session, teacher: Viewer) -> None:
    with pytest.raises(NotFound):
        run_for(session, teacher, uuid4())


def test_a_line_without_a_known_number_is_refused(session: Session, teacher: Viewer) -> None:
    with pytest.raises(InvalidInput):
        given_in(session, teacher, "ABC 2345 / 1; 999999999999")


@pytest.mark.parametrize(
    "wrong", [{"subject": "!"}, {"pages": 0}, {"pages": 100}, {"sitting": 0}, {"title": " "}], ids=str
)
def test_a_setup_that_cannot_be_meant_is_refused(session: Session, teacher: Viewer, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        set_up(session, teacher, replace(SETUP, **wrong))  # type: ignore[arg-type]


def test_a_setup_is_kept_with_the_exam(session: Session, teacher: Viewer) -> None:
    set_up(session, teacher, replace(SETUP, subject=" bio210 ", sitting=2))
    assert current_setup(session, teacher) == replace(SETUP, sitting=2)
