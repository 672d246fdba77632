"""The states of a paper and the moves between them (scans.md, Design): the one table that code and database obey.

received -> unmatched | bound        what the file name says is a proposal: `bound` is weak
bound    -> released                 only after a person has compared the header with the name
released -> confirmed | disputed     the student's answer; `disputed` hides the paper at once
superseded, discarded                ends: the paper is kept and shown to staff alone
"""

from enum import StrEnum


class PaperState(StrEnum):
    RECEIVED = "received"
    UNMATCHED = "unmatched"
    BOUND = "bound"
    RELEASED = "released"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


MOVES: dict[PaperState, frozenset[PaperState]] = {
    PaperState.RECEIVED: frozenset({PaperState.UNMATCHED, PaperState.BOUND}),
    PaperState.UNMATCHED: frozenset({PaperState.BOUND, PaperState.DISCARDED}),
    PaperState.BOUND: frozenset(
        {PaperState.RELEASED, PaperState.UNMATCHED, PaperState.SUPERSEDED, PaperState.DISCARDED}
    ),
    PaperState.RELEASED: frozenset(
        {PaperState.CONFIRMED, PaperState.DISPUTED, PaperState.UNMATCHED, PaperState.SUPERSEDED}
    ),
    PaperState.CONFIRMED: frozenset({PaperState.UNMATCHED, PaperState.SUPERSEDED}),
    PaperState.DISPUTED: frozenset(
        {
            PaperState.BOUND,
            PaperState.RELEASED,
            PaperState.UNMATCHED,
            PaperState.SUPERSEDED,
            PaperState.DISCARDED,
        }
    ),
    PaperState.SUPERSEDED: frozenset(),
    PaperState.DISCARDED: frozenset(),
}

LIVE = frozenset({PaperState.BOUND, PaperState.RELEASED, PaperState.CONFIRMED, PaperState.DISPUTED})
"""A student has at most one paper of an exam in these states."""
SHOWN = frozenset({PaperState.RELEASED, PaperState.CONFIRMED})
"""What its student may look at, and what may be graded."""
TO_RESOLVE = frozenset({PaperState.UNMATCHED, PaperState.DISPUTED})
ENDED = frozenset({PaperState.SUPERSEDED, PaperState.DISCARDED})


class Problem(StrEnum):
    """Why a paper has no student."""

    UNKNOWN_NUMBER = "unknown_number"
    SEVERAL_PEOPLE = "several_people"
    NOT_ON_ROSTER = "not_on_roster"
    WRONG_SUBJECT = "wrong_subject"
    SECOND_PAPER = "second_paper"
    TAKEN_BACK = "taken_back"


class Basis(StrEnum):
    """What a binding rests on; neither releases a paper by itself."""

    FILENAME = "filename"
    PERSON = "person"


class VerificationKind(StrEnum):
    """What a person said about a paper: staff the first four, its student the others."""

    ASSIGNED = "assigned"
    MATCHED = "matched"
    TAKEN_BACK = "taken_back"
    SUPERSEDED = "superseded"
    MINE = "mine"
    COMPLETE = "complete"
    PROBLEM = "problem"


BY_STUDENT = frozenset({VerificationKind.MINE, VerificationKind.COMPLETE, VerificationKind.PROBLEM})


class Report(StrEnum):
    """What a student finds wrong."""

    NOT_MINE = "not_mine"
    PAGE_MISSING = "page_missing"
    UNREADABLE = "unreadable"
    OTHER = "other"
