"""Readings as the machines give them, without images."""

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.readings import LogProbabilities, Reading

LIKELY, UNLIKELY = -0.01, -7.0


def places_of(number: str, doubts: dict[int, tuple[str, float]] | None = None) -> LogProbabilities:
    """A clear reading of a number; `doubts` names another digit at a place and how many nats it is behind."""
    places = []
    for place, digit in enumerate(number):
        row = [UNLIKELY] * 10
        row[int(digit)] = LIKELY
        if doubts and place in doubts:
            other, behind = doubts[place]
            row[int(other)] = LIKELY - behind
        places.append(tuple(row))
    return tuple(places)


def read_as(kind: EvidenceKind, number: str, *, is_clear: bool = True, **doubts: tuple[str, float]) -> Reading:
    """A reading of a number; `at3=("7", 2.0)` says that a 7 is 2 nats behind at the fourth place."""
    behind = {int(name.removeprefix("at")): doubt for name, doubt in doubts.items()}
    return Reading(
        kind=kind,
        claim=number,
        score=0.99,
        version="test",
        places=places_of(number, behind) if kind in (EvidenceKind.DIGITS, EvidenceKind.BUBBLES) else (),
        is_clear=is_clear,
    )
