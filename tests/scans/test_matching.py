"""What a file name says is a proposal; whatever does not fit waits for a person."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Membership, MembershipStatus
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import set_subject
from lti_tool.scans.matching import propose_again
from lti_tool.scans.states import PaperState, Problem
from tests.fixtures.people import House
from tests.scans.conftest import Arrive

CASES = {
    "a number that nobody has": ({"number": "999999999999"}, Problem.UNKNOWN_NUMBER),
    "a number of another course": ({"name": "outsider"}, Problem.UNKNOWN_NUMBER),
    "a teacher's number": ({"name": "teacher"}, Problem.NOT_ON_ROSTER),
    "another subject": ({"subject": "NUM1"}, Problem.WRONG_SUBJECT),
}


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_nobodys_paper(arrive: Arrive, case: str) -> None:
    named, problem = CASES[case]
    paper = arrive(**named)
    assert (paper.state, paper.problem, paper.person_id) == (PaperState.UNMATCHED, problem, None)


def test_a_second_paper_of_a_student_waits_and_the_first_stays(arrive: Arrive) -> None:
    first, second = arrive("student"), arrive("student")
    assert (first.state, second.problem) == (PaperState.BOUND, Problem.SECOND_PAPER)


def test_a_number_of_two_people_waits_for_a_person(house: House, arrive: Arrive) -> None:
    house.people["other_student"].idnumber = house.student.idnumber
    assert arrive("student").problem == Problem.SEVERAL_PEOPLE


def test_who_left_the_roster_is_found_after_coming_back(
    session: Session, house: House, arrive: Arrive, teacher: Viewer
) -> None:
    membership = session.scalars(select(Membership).where(Membership.person_id == house.student.id)).one()
    membership.status = MembershipStatus.INACTIVE
    paper = arrive("student")
    assert paper.problem == Problem.NOT_ON_ROSTER
    membership.status = MembershipStatus.ACTIVE
    assert (propose_again(session, teacher), paper.person_id) == (1, house.student.id)


def test_a_corrected_subject_code_finds_the_papers_without_a_new_upload(
    session: Session, arrive: Arrive, teacher: Viewer
) -> None:
    paper, unknown = arrive("student", subject="NUM1"), arrive(number="999999999999", subject="NUM1")
    set_subject(session, teacher, "num1")
    assert (propose_again(session, teacher), paper.state) == (1, PaperState.BOUND)
    assert unknown.problem == Problem.UNKNOWN_NUMBER


def test_a_corrected_register_number_finds_its_paper(
    session: Session, house: House, arrive: Arrive, teacher: Viewer
) -> None:
    paper = arrive(number="999999999999")
    house.student.idnumber = "999999999999"
    assert (propose_again(session, teacher), paper.person_id) == (1, house.student.id)
