"""What becomes of a delivery after each answer of Moodle, and after silence."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.db import now
from lti_tool.errors import PlatformFailed
from lti_tool.moodle.refusals import MoodleRefused
from lti_tool.scans.delivery.states import DeliveryState

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)
HELD_WAIT = timedelta(hours=1)
OFF_WAIT = timedelta(minutes=5)
SOON = timedelta(minutes=1)
MOST_TRIES = 60
"""With the longest wait between them more than two days; then a person is asked."""

PASSING = frozenset({"sitemaintenance", "upgraderunning", "servicenotavailable"})
REASONS = {
    "invalidtoken": "token_refused",
    "accessexception": "function_missing",
    "nopermissions": "permission_missing",
    "required_capability_exception": "permission_missing",
    "requireloginerror": "course_closed",
    "errorcoursecontextnotvalid": "course_closed",
    "invalidrecord": "assignment_gone",
    "invalidrecordunknown": "assignment_gone",
    "fileoversized": "file_too_large",
    "userquotalimit": "file_too_large",
    "upload_error_ini_size": "file_too_large",
    "maxbytes": "file_too_large",
    "virusfound": "virus_found",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The next state; a `wait` that does not `count` is nobody's failure."""

    state: DeliveryState
    reason: str = ""
    wait: timedelta | None = None
    counts: bool = True
    attempt: int | None = None
    changed_at: int | None = None

    def next_try_at(self, tries: int) -> datetime:
        wait = self.wait if self.wait is not None else backoff(tries)
        return now() + wait


def confirmed(*, attempt: int, changed_at: int) -> Verdict:
    return Verdict(state=DeliveryState.CONFIRMED, attempt=attempt, changed_at=changed_at)


def blocked(reason: str) -> Verdict:
    return Verdict(state=DeliveryState.BLOCKED, reason=reason)


def conflict(reason: str) -> Verdict:
    return Verdict(state=DeliveryState.CONFLICT, reason=reason)


def later(reason: str, wait: timedelta | None = None) -> Verdict:
    """Again after `wait`; without one after a wait that grows."""
    return Verdict(state=DeliveryState.RETRY, reason=reason, wait=wait, counts=wait is None)


def failed_call(error: PlatformFailed, tries: int) -> Verdict:
    """A refusal in words is for a person; silence, and pages that are no answer, pass."""
    if isinstance(error, MoodleRefused) and error.errorcode not in PASSING:
        return blocked(REASONS.get(error.errorcode, "refused"))
    if error.code == "moodle_services_off":
        return blocked("services_off")
    return blocked("gave_up") if tries >= MOST_TRIES else later("moodle_silent")


def backoff(tries: int) -> timedelta:
    """Doubled each time, with jitter so that a class does not knock at the same moment."""
    wait: timedelta = min(FIRST_WAIT * 2 ** min(max(tries - 1, 0), 12), LONGEST_WAIT)
    return wait * random.uniform(0.75, 1.25)
