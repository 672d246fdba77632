"""No draft before the blind sample reaches the teacher's bar, and no proposal shown before the blind grade."""

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.gate import DraftingCode, drafting_state, is_hidden
from tests.fixtures.people import House
from tests.grading.agreement.conftest import Draw
from tests.grading.conftest import HandIn, Mark


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
