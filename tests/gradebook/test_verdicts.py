"""The status table, row by row."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.gradebook.models import PushStatus
from lti_tool.gradebook.verdicts import Effort, Verdict, switched_off, verdict
from lti_tool.lti.scores import Outcome, ScoreAnswer

AT = datetime(2026, 3, 1, tzinfo=UTC)


def after(outcome: Outcome, *, retry_after: float | None = None, reason: str = "", **changes: object) -> Verdict:
    effort = {"attempts": 1, "conflicts": 0, "give_up_at": AT + timedelta(hours=48), "product_family": "moodle"}
    answer = ScoreAnswer(outcome=outcome, retry_after=retry_after, reason=reason)
    return verdict(answer, Effort(**(effort | changes)), AT)  # type: ignore[arg-type]  # values of a test


def test_an_accepted_score_is_sent() -> None:
    assert after(Outcome.ACCEPTED) == Verdict(status=PushStatus.SUCCEEDED)


@pytest.mark.parametrize(
    "outcome, reason",
    [
        (Outcome.IGNORED, "ignored"),
        (Outcome.UNAUTHORISED, "registration"),
        (Outcome.GONE, "column_gone"),
        (Outcome.REFUSED, "not_gradable"),
    ],
)
def test_what_does_not_pass_is_not_tried_again(outcome: Outcome, reason: str) -> None:
    assert after(outcome) == Verdict(status=PushStatus.FAILED, reason=reason)


def test_a_reason_that_is_known_is_kept() -> None:
    assert after(Outcome.GONE, reason="no_column").reason == "no_column"


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.UNKNOWN, Outcome.BROKEN])
def test_what_may_pass_is_tried_later(outcome: Outcome) -> None:
    later = after(outcome)
    assert later.status is PushStatus.TODO and later.next_try_at is not None
    assert timedelta(seconds=7) <= later.next_try_at - AT <= timedelta(seconds=13)


@pytest.mark.parametrize("outcome, uncertain", [(Outcome.BUSY, False), (Outcome.UNKNOWN, True), (Outcome.BROKEN, True)])
def test_silence_leaves_a_doubt_and_a_busy_word_does_not(outcome: Outcome, uncertain: bool) -> None:
    assert after(outcome).is_uncertain is uncertain


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [after(Outcome.BUSY, attempts=attempts).next_try_at for attempts in (3, 30)]
    assert waits[0] is not None and timedelta(seconds=30) <= waits[0] - AT <= timedelta(seconds=50)
    assert waits[1] is not None and timedelta(minutes=45) <= waits[1] - AT <= timedelta(minutes=75)


def test_the_platforms_own_wish_is_kept() -> None:
    later = after(Outcome.BUSY, retry_after=900).next_try_at
    assert later is not None and later - AT == timedelta(minutes=15)


def test_nothing_is_tried_after_two_days() -> None:
    gone = after(Outcome.BUSY, give_up_at=AT + timedelta(seconds=5))
    assert gone == Verdict(status=PushStatus.FAILED, reason="platform_down")


def test_a_conflict_is_tried_again_at_once_three_times() -> None:
    assert [after(Outcome.CONFLICT, conflicts=count).status for count in (1, 2, 3, 4)] == [
        PushStatus.TODO,
        PushStatus.TODO,
        PushStatus.TODO,
        PushStatus.FAILED,
    ]


def test_a_third_500_of_moodle_is_a_lock() -> None:
    assert after(Outcome.BROKEN, attempts=2).status is PushStatus.TODO
    assert after(Outcome.BROKEN, attempts=3) == Verdict(status=PushStatus.FAILED, reason="locked")


def test_a_500_elsewhere_may_pass() -> None:
    assert after(Outcome.BROKEN, attempts=3, product_family="canvas").status is PushStatus.TODO


@pytest.mark.parametrize("uncertain", [True, False])
def test_while_it_is_switched_off_a_push_waits_with_its_doubt(uncertain: bool) -> None:
    waiting = switched_off(AT, is_uncertain=uncertain)
    assert (waiting.status, waiting.reason, waiting.is_uncertain) == (PushStatus.TODO, "feature_off", uncertain)
