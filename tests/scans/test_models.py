"""What the tables refuse, whoever asks."""

from uuid import uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool.scans.models import Paper
from lti_tool.scans.states import MOVES, PaperState
from tests.fixtures.people import House
from tests.scans.conftest import PaperOf


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


@pytest.mark.parametrize("column", ["sha256", "pages", "file_id", "placement_id"])
def test_a_paper_keeps_its_file(session: Session, bound: PaperOf, column: str) -> None:
    bound()
    other = {"sha256": "0" * 64, "pages": 9, "file_id": uuid4(), "placement_id": uuid4()}[column]
    refused(session, update(Paper).values(**{column: other}), "keeps its file")


@pytest.mark.parametrize("table", ["paper", "verification", "discard"])
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
    refused(session, text("TRUNCATE verification"), "append-only")


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


def test_every_state_can_be_reached_and_only_ends_have_no_way_out() -> None:
    assert set().union(*MOVES.values()) == set(PaperState) - {PaperState.RECEIVED}
    ends = {state for state, targets in MOVES.items() if not targets}
    assert ends == {PaperState.SUPERSEDED, PaperState.DISCARDED}
