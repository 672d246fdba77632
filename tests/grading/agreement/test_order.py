"""What a person should look at first."""

from decimal import Decimal

from lti_tool.accounts.models import Placement
from lti_tool.grading.agreement.order import Judged, Reason, priorities, priority
from tests.fixtures.people import House
from tests.grading.agreement.conftest import Draw, Propose
from tests.grading.conftest import Classroom, Mark


def test_the_further_apart_the_two_opinions_are_the_sooner() -> None:
    near, far = (priority(Judged(points=points), (0.5, 0.3, 0.7)) for points in (0.6, 0.9))
    assert near.rank < far.rank
    assert (near.reasons, far.reasons) == ((), (Reason.DISAGREES,))


def test_doubt_counts_where_no_second_opinion_is_known() -> None:
    unsure = priority(Judged(points=0.5, doubt=0.8), None)
    assert (unsure.rank, unsure.reasons) == (Decimal("0.400"), (Reason.UNSURE,))


def test_work_that_tries_to_steer_comes_before_everything() -> None:
    steered = priority(Judged(points=0.5, is_flagged=True), (0.5, 0.3, 0.7))
    worst = priority(Judged(points=1.0, doubt=1.0), (0.0, 0.0, 0.1))
    assert steered.rank >= worst.rank


def test_the_least_sure_proposal_comes_first_and_what_is_approved_is_settled(
    house: House, activity: Placement, classroom: Classroom, proposed: Propose, marked: Mark
) -> None:
    sure, unsure, done = classroom("one", "two", "three")
    for work, confidence in ((sure, "0.9"), (unsure, "0.3"), (done, "0.1")):
        proposed(work, confidence=confidence)
    marked(done, approved=True)
    found = priorities(house.session, activity)
    assert sorted(found, key=lambda name: found[name].rank) == [sure.id, unsure.id]
    assert found[unsure.id].reasons == (Reason.UNSURE,)


def test_the_order_gives_nothing_away_about_work_that_is_graded_blind(
    house: House, activity: Placement, classroom: Classroom, proposed: Propose, drawn: Draw
) -> None:
    (work,) = classroom("one")
    proposed(work)
    drawn(work)
    assert priorities(house.session, activity) == {}


def test_marks_that_wait_for_approval_are_ranked_without_an_assistant(
    house: House, activity: Placement, classroom: Classroom, marked: Mark
) -> None:
    (work,) = classroom("one")
    marked(work)
    assert priorities(house.session, activity)[work.id].reasons == ()
