"""The states of a paper and the moves between them (scans.md, Design): the one table that code and database obey.

received -> unmatched | bound        pages are put together; whose they are is a claim until two facts agree
bound    -> released                 weak: only a person releases it; strong: two facts agree (`Strength`)
released -> confirmed | disputed     the student's answer; `disputed` hides the paper at once
quarantined                          facts contradict each other, or the student said "not mine": hidden, for a person
superseded, discarded                set aside: kept and shown to staff alone; a discard may be undone
purged                               its pictures are deleted for good; hashes, records and audit stay

Whether pages are missing is no state: a paper may lack a page and yet be known to be somebody's. `paper.missing` says
it, and a paper with gaps is never released without a person. The states of a page: pages/states.py.
"""

from enum import StrEnum


class PaperState(StrEnum):
    RECEIVED = "received"
    UNMATCHED = "unmatched"
    BOUND = "bound"
    RELEASED = "released"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    QUARANTINED = "quarantined"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"
    PURGED = "purged"


_MOVES: dict[PaperState, frozenset[PaperState]] = {
    PaperState.RECEIVED: frozenset({PaperState.UNMATCHED, PaperState.BOUND, PaperState.QUARANTINED}),
    PaperState.UNMATCHED: frozenset({PaperState.BOUND, PaperState.QUARANTINED, PaperState.DISCARDED}),
    PaperState.BOUND: frozenset(
        {
            PaperState.RELEASED,
            PaperState.UNMATCHED,
            PaperState.QUARANTINED,
            PaperState.SUPERSEDED,
            PaperState.DISCARDED,
        }
    ),
    PaperState.RELEASED: frozenset(
        {
            PaperState.CONFIRMED,
            PaperState.DISPUTED,
            PaperState.QUARANTINED,
            PaperState.UNMATCHED,
            PaperState.SUPERSEDED,
        }
    ),
    PaperState.CONFIRMED: frozenset({PaperState.QUARANTINED, PaperState.UNMATCHED, PaperState.SUPERSEDED}),
    PaperState.DISPUTED: frozenset(
        {
            PaperState.BOUND,
            PaperState.RELEASED,
            PaperState.UNMATCHED,
            PaperState.QUARANTINED,
            PaperState.SUPERSEDED,
            PaperState.DISCARDED,
        }
    ),
    PaperState.QUARANTINED: frozenset({PaperState.BOUND, PaperState.UNMATCHED, PaperState.DISCARDED}),
    PaperState.SUPERSEDED: frozenset({PaperState.UNMATCHED}),
    PaperState.DISCARDED: frozenset({PaperState.UNMATCHED}),
}
MOVES = {state: targets | {PaperState.PURGED} for state, targets in _MOVES.items()} | {PaperState.PURGED: frozenset()}

LIVE = frozenset({PaperState.BOUND, PaperState.RELEASED, PaperState.CONFIRMED, PaperState.DISPUTED})
"""A student has at most one paper of an exam in these states; a second sitting is an exam of its own."""
SHOWN = frozenset({PaperState.RELEASED, PaperState.CONFIRMED})
"""What its student may look at, and what may be graded."""
HIDDEN = frozenset({PaperState.DISPUTED, PaperState.QUARANTINED})
"""Taken from its student's eyes until a person has looked."""
NOBODYS = frozenset({PaperState.UNMATCHED, PaperState.QUARANTINED})
"""What stands in the way is said in `paper.problem`."""
TO_RESOLVE = frozenset({PaperState.UNMATCHED, PaperState.QUARANTINED, PaperState.DISPUTED})
ENDED = frozenset({PaperState.SUPERSEDED, PaperState.DISCARDED, PaperState.PURGED})
REARRANGED = frozenset({PaperState.RECEIVED, PaperState.UNMATCHED, PaperState.BOUND, PaperState.QUARANTINED})
"""Only in these may pages come and go: nobody has been shown the paper as it is bound now."""


class Problem(StrEnum):
    """Why a paper has no student."""

    NO_CLAIM = "no_claim"
    UNKNOWN_NUMBER = "unknown_number"
    SEVERAL_PEOPLE = "several_people"
    NOT_ON_ROSTER = "not_on_roster"
    WRONG_SUBJECT = "wrong_subject"
    SECOND_PAPER = "second_paper"
    CONTRADICTION = "contradiction"
    DENIED = "denied"
    REPEATED = "repeated"
    TAKEN_BACK = "taken_back"


class Basis(StrEnum):
    """What a binding rests on first."""

    FILENAME = "filename"
    SHEET = "sheet"
    READING = "reading"
    PERSON = "person"


class Strength(StrEnum):
    """Whether two facts agree on whose a paper is; nothing else is ever released without a person."""

    WEAK = "weak"
    STRONG = "strong"


class VerificationKind(StrEnum):
    """What a person said about a paper: its student `mine`, `complete` and `problem`, staff the others."""

    ASSIGNED = "assigned"
    MATCHED = "matched"
    TAKEN_BACK = "taken_back"
    SUPERSEDED = "superseded"
    ACCEPTED = "accepted"
    MINE = "mine"
    COMPLETE = "complete"
    PROBLEM = "problem"


BY_STUDENT = frozenset({VerificationKind.MINE, VerificationKind.COMPLETE, VerificationKind.PROBLEM})


class Report(StrEnum):
    """What a student finds wrong."""

    NOT_MINE = "not_mine"
    PAGE_MISSING = "page_missing"
    UNREADABLE = "unreadable"
    WRONG_SUBJECT = "wrong_subject"
    OTHER = "other"


class Source(StrEnum):
    """How a pile came in."""

    UPLOAD = "upload"
    SCANNER = "scanner"
    COMMAND = "command"


class FileState(StrEnum):
    """What became of one file of a pile."""

    RECEIVED = "received"
    READ = "read"
    UNPACKED = "unpacked"
    REPEATED = "repeated"
    FAILED = "failed"
    SET_ASIDE = "set_aside"
    PURGED = "purged"
