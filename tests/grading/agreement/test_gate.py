"""No draft before the blind sample reaches the teacher's bar, and no proposal shown before the blind grade."""

from decimal import Decimal

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.grading.agreement.gate import DraftingCode, DraftingState, drafting_state, is_hidden, sampled_papers
from lti_tool.grading.agreement.models import Gate
from tests.fixtures.people import House
from tests.grading.agreement.conftest import Draw, Propose
from tests.grading.conftest import Classroom, HandIn, Mark

PAPERS = 10


@pytest.fixture
def gate(house: House, activity: Placement) -> Gate:
    """Ten papers, and the usual bar."""
    made = Gate(
        placement_id=activity.id,
        bar=Decimal("0.70"),
        sample_size=PAPERS,
        is_drift_watched=True,
        changed_by_id=house.teacher.id,
        changed_at=now(),
    )
    house.session.add(made)
    house.session.flush()
    return made


def measured(
    house: House, activity: Placement, classroom: Classroom, drawn: Draw, marked: Mark, proposed: Propose, *, off: int
) -> DraftingState:
    """A sample in which the assistant misses each paper by `off` points of ten."""
    works = classroom(*(f"answer {number}" for number in range(PAPERS)))
    drawn(*works)
    for number, work in enumerate(works):
        reasons = number % 4
        proposed(work, clarity=number % 3, reasons=reasons + (off if number % 2 else 0))
        marked(work, clarity=str(number % 3), reasons=str(reasons), approved=True)
    return drafting_state(house.session, activity)


def test_without_a_sample_nothing_may_be_drafted(house: House, activity: Placement) -> None:
    state = drafting_state(house.session, activity)
    assert (state.is_allowed, state.why) == (False, DraftingCode.NO_SAMPLE)


def test_a_sample_that_nobody_graded_allows_nothing(
    house: House, activity: Placement, handed_in: HandIn, drawn: Draw
) -> None:
    drawn(handed_in())
    state = drafting_state(house.session, activity)
    assert (state.is_allowed, state.why, state.graded, state.sampled) == (False, DraftingCode.SAMPLE_OPEN, 0, 1)


def test_only_an_approved_grade_counts(
    house: House, activity: Placement, handed_in: HandIn, marked: Mark, drawn: Draw
) -> None:
    work = handed_in()
    drawn(work)
    marked(work)
    assert drafting_state(house.session, activity).graded == 0
    marked(work, approved=True)
    assert drafting_state(house.session, activity).graded == 1


def test_an_assistant_that_agrees_has_earned_its_place(
    house: House, activity: Placement, classroom: Classroom, drawn: Draw, marked: Mark, proposed: Propose, gate: Gate
) -> None:
    state = measured(house, activity, classroom, drawn, marked, proposed, off=0)
    assert (state.is_allowed, state.why, state.measured) == (True, DraftingCode.EARNED, PAPERS)
    assert state.kappa == pytest.approx(1)


def test_below_the_bar_drafts_stay_off_until_the_teacher_lowers_it(
    house: House, activity: Placement, classroom: Classroom, drawn: Draw, marked: Mark, proposed: Propose, gate: Gate
) -> None:
    state = measured(house, activity, classroom, drawn, marked, proposed, off=3)
    assert (state.is_allowed, state.why) == (False, DraftingCode.BELOW_BAR)
    gate.bar = Decimal("0.10")
    assert drafting_state(house.session, activity).is_allowed


def test_a_graded_sample_without_proposals_measures_nothing(
    house: House, activity: Placement, classroom: Classroom, drawn: Draw, marked: Mark, gate: Gate
) -> None:
    works = classroom(*(f"answer {number}" for number in range(PAPERS)))
    drawn(*works)
    for work in works:
        marked(work, approved=True)
    assert drafting_state(house.session, activity).why is DraftingCode.NOT_MEASURED


def test_what_is_approved_of_a_sampled_paper_after_it_was_graded_blind_changes_nothing(
    house: House, activity: Placement, classroom: Classroom, drawn: Draw, marked: Mark, proposed: Propose, gate: Gate
) -> None:
    before = measured(house, activity, classroom, drawn, marked, proposed, off=3)
    work = sampled_papers(house.session, activity)[1].submission
    marked(work, clarity="1", reasons="4", approved=True)
    assert drafting_state(house.session, activity).kappa == before.kappa


def test_a_proposal_for_a_sampled_paper_is_hidden_until_a_grade_is_approved(
    house: House, handed_in: HandIn, marked: Mark, drawn: Draw
) -> None:
    work = handed_in()
    assert not is_hidden(house.session, work)
    drawn(work)
    marked(work)
    assert is_hidden(house.session, work)
    marked(work, approved=True)
    assert not is_hidden(house.session, work)
