"""The states of a page and the moves between them (scans.md, Design): the one table that code and database obey.

received -> decoded       its picture was taken out of the original
decoded  -> identified    it is known which paper it belongs to; then placed in it
unknown, foreign, duplicate, damaged   trays: found, shown, and left to a person; nothing leaves a tray by itself
discarded                 set aside with a reason and a name; it may be taken up again
purged                    its picture is deleted for good; the hash stays
"""

from enum import StrEnum


class PageState(StrEnum):
    RECEIVED = "received"
    DECODED = "decoded"
    IDENTIFIED = "identified"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    DUPLICATE = "duplicate"
    DAMAGED = "damaged"
    PLACED = "placed"
    DISCARDED = "discarded"
    PURGED = "purged"


_TRAYS = frozenset({PageState.UNKNOWN, PageState.FOREIGN, PageState.DUPLICATE, PageState.DAMAGED})
_BY_A_PERSON = frozenset({PageState.PLACED, PageState.DISCARDED})

_MOVES: dict[PageState, frozenset[PageState]] = {
    PageState.RECEIVED: frozenset({PageState.DECODED, PageState.DAMAGED, PageState.DISCARDED}),
    PageState.DECODED: frozenset({PageState.IDENTIFIED, PageState.DISCARDED}) | _TRAYS,
    PageState.IDENTIFIED: _BY_A_PERSON | {PageState.DUPLICATE, PageState.UNKNOWN},
    PageState.UNKNOWN: _BY_A_PERSON | {PageState.DECODED},
    PageState.FOREIGN: _BY_A_PERSON | {PageState.DECODED},
    PageState.DUPLICATE: _BY_A_PERSON | {PageState.DECODED},
    PageState.DAMAGED: _BY_A_PERSON | {PageState.DECODED},
    PageState.PLACED: _TRAYS | {PageState.DISCARDED},
    PageState.DISCARDED: _TRAYS | {PageState.PLACED},
}
PAGE_MOVES = {state: targets | {PageState.PURGED} for state, targets in _MOVES.items()} | {
    PageState.PURGED: frozenset()
}

TRAYS = _TRAYS
"""Pages that wait for a person."""
UNREAD = frozenset({PageState.RECEIVED, PageState.DECODED, PageState.IDENTIFIED})


class EvidenceKind(StrEnum):
    """What a claim about whose a page or paper is was read from."""

    FILENAME = "filename"
    PAGE_CODE = "page_code"
    SHEET = "sheet"
    DIGITS = "digits"
    BUBBLES = "bubbles"
    PRINTED = "printed"
    PERSON = "person"
