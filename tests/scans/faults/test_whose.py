"""Swapped papers, slips of the pen, strangers, second papers, and a roster that changes afterwards."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.matching import propose_again
from lti_tool.scans.models import Paper
from lti_tool.scans.papers import find_own_paper
from lti_tool.scans.states import PaperState, Problem, Strength
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.scans.conftest import EXAM
from tests.scans.faults.conftest import Scan, Sheet, booklet_of, file_of, papers, states

Print = Callable[..., str]


def paper_of(session: Session, house: House, name: str) -> Paper | None:
    return session.scalar(
        select(Paper).where(Paper.person_id == house.people[name].id, Paper.state != PaperState.QUARANTINED)
    )


def test_a_printed_name_and_the_same_number_by_hand_release_a_paper(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    scan(*booklet_of(booklet("student"), house.student.idnumber))
    (paper,) = papers(session)
    assert (paper.state, paper.strength, paper.person_id) == (PaperState.RELEASED, Strength.STRONG, house.student.id)
    assert find_own_paper(session, viewer_of(house, "student", EXAM)) == paper


def test_one_fact_alone_never_shows_a_paper(session: Session, house: House, booklet: Print, scan: Scan) -> None:
    scan(*booklet_of(booklet("student")))
    scan(*booklet_of(booklet(), house.people["other_student"].idnumber))
    scan(Sheet(), name=file_of(house, "outsider"))
    assert {paper.state for paper in papers(session)} == {PaperState.BOUND, PaperState.UNMATCHED}
    assert {paper.strength for paper in papers(session)} == {Strength.WEAK, None}


def test_swapped_booklets_hide_both(session: Session, house: House, booklet: Print, scan: Scan) -> None:
    """Each wrote into the booklet that was printed for the other."""
    ours, theirs = booklet("student"), booklet("other_student")
    scan(*booklet_of(ours, house.people["other_student"].idnumber), *booklet_of(theirs, house.student.idnumber))
    assert [paper.state for paper in papers(session)] == [PaperState.QUARANTINED] * 2
    assert {paper.problem for paper in papers(session)} == {Problem.CONTRADICTION}


def test_a_file_named_for_one_and_written_by_another_hides_both(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    scan(Sheet(), name=file_of(house, "other_student"))
    scan(*booklet_of(booklet(), house.people["other_student"].idnumber), name=file_of(house, "student"))
    assert {paper.state for paper in papers(session)} == {PaperState.QUARANTINED}


def test_a_slip_of_the_pen_hides_the_slip_and_leaves_who_has_two_facts(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    theirs = house.people["other_student"].idnumber
    scan(*booklet_of(booklet("other_student"), theirs))
    scan(*booklet_of(booklet("student"), theirs))
    right, slip = papers(session)
    assert (right.state, slip.state) == (PaperState.RELEASED, PaperState.QUARANTINED)


def test_a_number_that_nobody_has_waits_for_a_person(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    scan(*booklet_of(booklet(), "999999999999"))
    assert [(paper.state, paper.problem) for paper in papers(session)] == [
        (PaperState.UNMATCHED, Problem.UNKNOWN_NUMBER)
    ]


def test_pages_of_another_exam_are_set_apart_and_nothing_else_is(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:

    sent = scan(*booklet_of(booklet()), Sheet(serial="BBBBBBB", exam="ZZZZZ"))
    assert states(session, sent) == ["placed", "placed", "foreign"] and len(papers(session)) == 1


def test_a_second_paper_of_a_student_never_replaces_the_first(
    session: Session, house: House, booklet: Print, scan: Scan
) -> None:
    scan(*booklet_of(booklet("student"), house.student.idnumber))
    scan(*booklet_of(booklet(), house.student.idnumber))
    first, second = papers(session)
    assert (first.state, second.state, second.problem) == (
        PaperState.RELEASED,
        PaperState.UNMATCHED,
        Problem.SECOND_PAPER,
    )


def test_a_corrected_register_number_is_matched_from_what_was_read_without_a_new_scan(
    session: Session, house: House, booklet: Print, scan: Scan, teacher: Viewer
) -> None:
    scan(*booklet_of(booklet(), "777777777777"))
    (paper,) = papers(session)
    assert paper.state == PaperState.UNMATCHED
    house.student.idnumber = "777777777777"
    assert propose_again(session, teacher) == 1
    assert (paper.state, paper.person_id) == (PaperState.BOUND, house.student.id)


def test_a_roster_that_changes_after_the_release_hides_what_no_longer_agrees(
    session: Session, house: House, booklet: Print, scan: Scan, teacher: Viewer
) -> None:
    scan(*booklet_of(booklet("student"), house.student.idnumber))
    (paper,) = papers(session)
    assert paper.state == PaperState.RELEASED
    house.student.idnumber = "888888888888"
    propose_again(session, teacher)
    assert paper.state == PaperState.QUARANTINED


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_exam_may_release_nothing_without_a_person(
    session: Session, house: House, exam: object, booklet: Print, scan: Scan, by_hand: bool
) -> None:
    placement = house.placements[EXAM]
    placement.options = {**placement.options, "release_by_hand": by_hand}
    scan(*booklet_of(booklet("student"), house.student.idnumber))
    assert papers(session)[0].state == (PaperState.BOUND if by_hand else PaperState.RELEASED)
