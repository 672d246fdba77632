"""What becomes of a push after each answer of the platform: the status table of lti-decisions.md.

Nothing is tried forever: passing failures end when the push gives up, the others after a few tries.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.gradebook.models import PushStatus
from lti_tool.lti.scores import MOODLE, Outcome, ScoreAnswer

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
SWITCHED_OFF_WAIT = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(hours=48)
MOST_CONFLICTS = 3
MOST_BREAKS = 3


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The next state of a push."""

    status: PushStatus
    reason: str = ""
    next_try_at: datetime | None = None
    is_uncertain: bool = False


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What was tried for a push so far, this try included."""

    attempts: int
    conflicts: int
    give_up_at: datetime
    product_family: str


PERMANENT = {
    Outcome.IGNORED: "ignored",
    Outcome.UNAUTHORISED: "registration",
    Outcome.GONE: "column_gone",
    Outcome.REFUSED: "not_gradable",
}


def verdict(answer: ScoreAnswer, effort: Effort, at: datetime) -> Verdict:
    """The next state after an answer."""
    if answer.outcome is Outcome.ACCEPTED:
        return Verdict(status=PushStatus.SUCCEEDED)
    if answer.outcome in PERMANENT:
        return Verdict(status=PushStatus.FAILED, reason=answer.reason or PERMANENT[answer.outcome])
    if answer.outcome is Outcome.CONFLICT:
        return _after_conflict(effort, at)
    if answer.outcome is Outcome.BROKEN and _is_locked(effort):
        return Verdict(status=PushStatus.FAILED, reason="locked")
    return _later(answer, effort, at)


def switched_off(at: datetime, *, is_uncertain: bool) -> Verdict:
    """Pushing is off: the push waits, and nothing counts against it."""
    next_try = at + SWITCHED_OFF_WAIT
    return Verdict(status=PushStatus.TODO, reason="feature_off", next_try_at=next_try, is_uncertain=is_uncertain)


def _after_conflict(effort: Effort, at: datetime) -> Verdict:
    """The next try carries a later timestamp."""
    if effort.conflicts > MOST_CONFLICTS:
        return Verdict(status=PushStatus.FAILED, reason="timestamp_conflict")
    return Verdict(status=PushStatus.TODO, reason="timestamp_conflict", next_try_at=at)


def _is_locked(effort: Effort) -> bool:
    """Moodle answers 500 for a locked grade; elsewhere a 500 may pass."""
    return effort.product_family.lower() == MOODLE and effort.attempts >= MOST_BREAKS


def _later(answer: ScoreAnswer, effort: Effort, at: datetime) -> Verdict:
    next_try = at + max(_backoff(effort.attempts), timedelta(seconds=answer.retry_after or 0))
    if next_try > effort.give_up_at:
        return Verdict(status=PushStatus.FAILED, reason="platform_down")
    is_uncertain = answer.outcome in {Outcome.UNKNOWN, Outcome.BROKEN}
    return Verdict(status=PushStatus.TODO, reason="platform_busy", next_try_at=next_try, is_uncertain=is_uncertain)


def _backoff(attempts: int) -> timedelta:
    """Doubled each time, with jitter so that a class does not knock at the same moment."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 12), LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.25)
