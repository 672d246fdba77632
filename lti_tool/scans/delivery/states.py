"""The states of a delivery and the moves between them (scans.md, Design): the one table that code and database obey.

queued -> running                             a worker holds its lease
running -> confirmed                          read back from Moodle, never believed because a call said so
running -> retry                              something that passes; tried again at a known moment
running -> blocked | conflict                 for a person: what must be mended, or what lies there already
blocked, conflict, retry -> queued | settled  a person mended it and says "try again", or saw to it by hand
confirmed -> conflict                         what lies in Moodle is no longer what was delivered
withdrawn                                     the paper is not this student's any more, or a later file takes its place

A delivery is no state of a paper: Moodle being down costs nobody a confirmation.
"""

from enum import StrEnum


class Mode(StrEnum):
    """What the papers of an exam are in Moodle's assignment."""

    FEEDBACK = "feedback"
    HAND_IN = "hand_in"


class Kind(StrEnum):
    """What is delivered: the scan as a feedback file, the marked copy beside it, or the scan as the student's work."""

    SCAN = "scan"
    MARKED = "marked"
    WORK = "work"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    RETRY = "retry"
    CONFIRMED = "confirmed"
    BLOCKED = "blocked"
    CONFLICT = "conflict"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


S = DeliveryState
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    S.QUEUED: frozenset({S.RUNNING, S.BLOCKED, S.WITHDRAWN}),
    S.RUNNING: frozenset({S.CONFIRMED, S.RETRY, S.BLOCKED, S.CONFLICT, S.WITHDRAWN}),
    S.RETRY: frozenset({S.RUNNING, S.QUEUED, S.BLOCKED, S.SETTLED, S.WITHDRAWN}),
    S.BLOCKED: frozenset({S.QUEUED, S.SETTLED, S.WITHDRAWN}),
    S.CONFLICT: frozenset({S.QUEUED, S.SETTLED, S.WITHDRAWN}),
    S.CONFIRMED: frozenset({S.CONFLICT}),
    S.SETTLED: frozenset({S.QUEUED, S.CONFLICT}),
    S.WITHDRAWN: frozenset({S.QUEUED, S.BLOCKED}),
}

DUE = frozenset({S.QUEUED, S.RETRY})
OPEN = frozenset({S.QUEUED, S.RUNNING, S.RETRY, S.BLOCKED, S.CONFLICT})
FOR_A_PERSON = frozenset({S.BLOCKED, S.CONFLICT})
SETTLEABLE = frozenset({S.RETRY, S.BLOCKED, S.CONFLICT})
IN_MOODLE = frozenset({S.CONFIRMED, S.SETTLED})


class StepKind(StrEnum):
    """What was done for a delivery; each is a row that never changes."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    LOOKED = "looked"
    UPLOADED = "uploaded"
    SAVED = "saved"
    HANDED_IN = "handed_in"
    READ_BACK = "read_back"
    ENDED = "ended"
    COMPARED = "compared"
    SETTLED = "settled"


KEY_NEEDED = "key_needed"
"""The reason of a delivery that waits for its student's key."""
