"""What the tables refuse, whoever asks."""

from uuid import uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.scans.models import Paper
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PAGE_MOVES, PageState
from lti_tool.scans.states import MOVES, PaperState
from tests.fixtures.people import House
from tests.scans.conftest import PaperOf, Release


def refused(session: Session, statement: object, words: str) -> None:
    with pytest.raises(DBAPIError, match=words), session.begin_nested():
        session.execute(statement)  # type: ignore[call-overload]


def test_no_paper_is_released_unless_a_person_has_confirmed_whose_it_is(session: Session, bound: PaperOf) -> None:
    bound()
    refused(session, update(Paper).values(state="released"), "confirmed whose it is")


def test_a_confirmed_match_does_not_count_for_the_next_student(
    session: Session, released: PaperOf, house: House
) -> None:
    released()
    other = house.people["other_student"].id
    refused(session, update(Paper).values(person_id=other), "new binding")
    refused(session, update(Paper).values(person_id=other, binding=Paper.binding + 1), "confirmed whose it is")


def test_no_paper_is_confirmed_without_its_students_record(session: Session, released: PaperOf) -> None:
    released()
    refused(session, update(Paper).values(state="confirmed"), "by its student alone")


def test_no_paper_is_discarded_without_a_reason(session: Session, bound: PaperOf) -> None:
    bound()
    refused(session, update(Paper).values(state="discarded"), "for a reason")


def test_a_student_has_one_live_paper(session: Session, bound: PaperOf, house: House) -> None:
    bound("student")
    other = bound("other_student")
    values = {"person_id": house.student.id, "binding": Paper.binding + 1}
    refused(session, update(Paper).where(Paper.id == other.id).values(**values), "uq_paper_live")


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"pages": 9}])
def test_pages_do_not_change_under_anybodys_eyes(
    session: Session, bound: PaperOf, release: Release, change: dict[str, object]
) -> None:
    paper = bound()
    refused(session, update(Paper).values(**change), "other pages is a new binding")
    release(paper)
    refused(session, update(Paper).values(**change, binding=Paper.binding + 1), "was shown keeps its pages")


def test_a_paper_keeps_its_exam(session: Session, bound: PaperOf) -> None:
    bound()
    refused(session, update(Paper).values(placement_id=uuid4()), "keeps its exam")


def test_one_fact_is_never_called_strong(session: Session, bound: PaperOf) -> None:
    paper = bound()
    values = f"'{paper.id}', 9, {paper.person_id}, 'strong', '[\"filename\"]', '', now()"
    refused(session, text(f"INSERT INTO paper_judgement VALUES ({values})"), "strong_has_two_facts")


def test_two_facts_release_a_paper_of_which_nothing_is_missing(session: Session, bound: PaperOf) -> None:
    paper = bound()
    facts = {"paper": paper.id, "binding": paper.binding + 1, "person": paper.person_id}
    statement = (
        "INSERT INTO paper_judgement VALUES (:paper, :binding, :person, 'strong', '[\"sheet\", \"digits\"]', '')"
    )
    session.execute(text(statement), facts)
    whole = update(Paper).values(state="released", binding=Paper.binding + 1)
    refused(session, whole.values(missing=[3]), "or on two facts")
    session.execute(whole)


@pytest.mark.parametrize("change", [{"number": 9}, {"sent_file_id": uuid4()}])
def test_a_page_keeps_its_original(session: Session, bound: PaperOf, change: dict[str, object]) -> None:
    bound()
    refused(session, update(Page).values(**change), "keeps its original")


def test_a_page_is_set_aside_with_a_reason_and_a_name(session: Session, bound: PaperOf, house: House) -> None:
    bound()
    refused(session, update(Page).values(state="discarded", reason="blank"), "discarded_by")
    refused(session, update(Page).values(state="discarded", changed_by_id=house.teacher.id), "discarded_by")


def test_a_page_stands_in_one_paper(session: Session, bound: PaperOf) -> None:
    one, other = bound("student"), bound("other_student")
    statement = f"INSERT INTO paper_page SELECT page_id, '{other.id}', 9 FROM paper_page WHERE paper_id = '{one.id}'"
    refused(session, text(statement), "pk_paper_page")


def test_a_printed_sheet_is_placed_once(session: Session, bound: PaperOf) -> None:
    bound("student"), bound("other_student")
    refused(session, update(Page).values(booklet="AAAAAAA", sheet_number=1), "uq_scan_page_sheet")


def test_the_database_knows_every_illegal_move_of_a_page(session: Session, bound: PaperOf) -> None:
    bound()
    for to in set(PageState) - PAGE_MOVES[PageState.PLACED] - {PageState.PLACED}:
        refused(session, update(Page).values(state=to), f"from placed to {to}")


@pytest.mark.parametrize(
    "table", ["paper", "verification", "discard", "scan_page", "scan_file", "paper_judgement", "scan_evidence"]
)
def test_nothing_is_deleted(session: Session, released: PaperOf, house: House, table: str) -> None:
    paper = released()
    session.execute(
        text("INSERT INTO discard (paper_id, reason, by_id) VALUES (:paper, 'blank', :by)"),
        {"paper": paper.id, "by": house.teacher.id},
    )
    refused(session, text(f"DELETE FROM {table}"), "append-only")


def test_what_a_person_said_is_not_changed(session: Session, released: PaperOf) -> None:
    released()
    refused(session, text("UPDATE verification SET message = 'other'"), "append-only")
    refused(session, text("TRUNCATE verification CASCADE"), "append-only")


def test_a_staff_member_cannot_speak_for_the_student(session: Session, released: PaperOf) -> None:
    released()
    copy = "INSERT INTO verification SELECT gen_random_uuid(), paper_id, binding, person_id, by_id, 'complete', report,"
    refused(
        session, text(f"{copy} message, sha256, pages, signed_at, signature FROM verification"), "ck_verification_by"
    )


def test_the_database_knows_every_illegal_move(session: Session, bound: PaperOf) -> None:
    bound()
    for to in set(PaperState) - MOVES[PaperState.BOUND] - {PaperState.BOUND}:
        refused(session, update(Paper).values(state=to), f"from bound to {to}")


def test_every_state_can_be_reached_and_left() -> None:
    assert set().union(*MOVES.values()) == set(PaperState) - {PaperState.RECEIVED}
    assert set().union(*PAGE_MOVES.values()) == set(PageState) - {PageState.RECEIVED}
    assert [state for state, targets in MOVES.items() if not targets] == [PaperState.PURGED]
    assert [state for state, targets in PAGE_MOVES.items() if not targets] == [PageState.PURGED]
