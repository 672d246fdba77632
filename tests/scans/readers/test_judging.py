"""Whose paper is it: two agreeing facts, or a person."""

import pytest

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.judging import Binding, Entrants, Evidence, Strength, Why, judge, judge_all
from lti_tool.scans.readers.readings import Reading
from tests.scans.readers.conftest import read_as

ANN, BEN, CEM = "230521100101", "230521100102", "230521100147"
STRANGER = "999999999999"
ENTRANTS = Entrants.of({ANN: 1, BEN: 2, CEM: 3})
DIGITS, BUBBLES = EvidenceKind.DIGITS, EvidenceKind.BUBBLES
FILENAME, PRINTED = EvidenceKind.FILENAME, EvidenceKind.PRINTED
WEAK, STRONG, NONE = Strength.WEAK, Strength.STRONG, Strength.NONE


def judged(*readings: Reading, printed_for: int | None = None, taken: tuple[int, ...] = ()) -> Binding:
    return judge(Evidence(readings=readings, printed_for=printed_for), ENTRANTS, taken)


@pytest.mark.parametrize("kind", [DIGITS, BUBBLES])
def test_a_printed_name_and_the_students_own_number_are_strong(kind: EvidenceKind) -> None:
    found = judged(read_as(kind, ANN), printed_for=1)
    assert (found.strength, found.person_id, found.facts) == (STRONG, 1, (EvidenceKind.SHEET, kind))


def test_bubbles_and_handwriting_that_agree_are_strong() -> None:
    assert judged(read_as(BUBBLES, ANN), read_as(DIGITS, ANN)).strength is STRONG


def test_a_file_name_and_handwriting_that_agree_are_strong() -> None:
    assert judged(read_as(FILENAME, ANN), read_as(DIGITS, ANN)).strength is STRONG


@pytest.mark.parametrize("kind", [FILENAME, BUBBLES, PRINTED, DIGITS])
def test_one_fact_alone_is_weak(kind: EvidenceKind) -> None:
    found = judged(read_as(kind, ANN))
    assert (found.strength, found.why, found.person_id) == (WEAK, Why.ALONE, 1)


def test_a_printed_name_alone_is_weak() -> None:
    assert judged(printed_for=1).strength is WEAK


def test_two_machine_readings_of_text_are_weak_even_where_they_agree() -> None:
    assert judged(read_as(PRINTED, ANN), read_as(DIGITS, ANN)).strength is WEAK


@pytest.mark.parametrize(("behind", "strength"), [(5.9, STRONG), (6.5, NONE)])
def test_handwriting_verifies_a_printed_name_within_six_nats(behind: float, strength: Strength) -> None:
    written = read_as(DIGITS, BEN, at11=("1", behind))
    assert judged(written, printed_for=1).strength is strength


@pytest.mark.parametrize(("behind", "strength"), [(2.9, STRONG), (3.1, WEAK)])
def test_handwriting_verifies_a_file_name_within_three_nats(behind: float, strength: Strength) -> None:
    assert judged(read_as(FILENAME, ANN), read_as(DIGITS, BEN, at11=("1", behind))).strength is strength


def test_a_name_on_the_sheet_that_the_handwriting_denies_goes_to_a_person_with_both() -> None:
    found = judged(read_as(DIGITS, CEM), printed_for=1)
    assert (found.strength, found.why, found.person_id) == (NONE, Why.DISAGREE, None)
    assert set(found.candidates) >= {1, 3}


def test_bubbles_against_the_printed_name_go_to_a_person_whatever_the_handwriting_says() -> None:
    assert judged(read_as(BUBBLES, BEN), read_as(DIGITS, ANN), printed_for=1).why is Why.DISAGREE


def test_a_file_name_against_the_printed_name_goes_to_a_person() -> None:
    assert judged(read_as(FILENAME, BEN), read_as(DIGITS, ANN), printed_for=1).strength is NONE


@pytest.mark.parametrize("kind", [FILENAME, BUBBLES, DIGITS])
def test_a_stranger_is_nobodys(kind: EvidenceKind) -> None:
    found = judged(read_as(kind, STRANGER))
    assert (found.strength, found.why) == (NONE, Why.NOT_ON_ROSTER)


def test_unclear_bubbles_are_no_second_fact() -> None:
    assert judged(read_as(BUBBLES, ANN, is_clear=False), printed_for=1).strength is WEAK


def test_bubbles_beside_doubtful_handwriting_of_a_neighbour_are_weak() -> None:
    written = read_as(DIGITS, BEN, at11=("1", 2.0))
    assert judged(read_as(BUBBLES, ANN), written).strength is WEAK


def test_a_second_paper_of_one_student_is_nobodys() -> None:
    found = judged(read_as(DIGITS, ANN), printed_for=1, taken=(1,))
    assert (found.strength, found.why, found.candidates[0]) == (NONE, Why.SECOND_PAPER, 1)


def test_nothing_read_is_said() -> None:
    assert judged().why is Why.NOTHING_READ


def test_two_papers_of_one_student_both_go_to_a_person() -> None:
    paper = Evidence(readings=[read_as(DIGITS, ANN)], printed_for=1)
    found = judge_all({"a": paper, "b": paper}, ENTRANTS)
    assert [binding.why for binding in found.values()] == [Why.SECOND_PAPER, Why.SECOND_PAPER]


def test_a_swap_that_one_half_hides_is_held_by_the_other() -> None:
    hidden = Evidence(readings=[read_as(DIGITS, BEN, at11=("1", 5.0))], printed_for=1)
    shown = Evidence(readings=[read_as(DIGITS, ANN)], printed_for=2)
    found = judge_all({"hidden": hidden, "shown": shown}, ENTRANTS)
    assert (found["hidden"].strength, found["hidden"].why) == (WEAK, Why.CONTESTED)
    assert found["shown"].why is Why.DISAGREE


def test_handwriting_alone_is_proposed_so_that_nobody_is_proposed_twice() -> None:
    clear = Evidence(readings=[read_as(DIGITS, ANN)])
    doubtful = Evidence(readings=[read_as(DIGITS, ANN, at11=("2", 1.0))])
    found = judge_all({"clear": clear, "doubtful": doubtful}, ENTRANTS)
    assert (found["clear"].person_id, found["doubtful"].person_id) == (1, 2)
    assert {binding.strength for binding in found.values()} == {WEAK}
