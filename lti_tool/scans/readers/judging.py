"""Whose paper is it, by everything that was read? Only two agreeing independent facts are strong (scans.md 4.5).

sheet + handwriting (loss < 6), sheet + bubbles      a printed or noted name, and what the student wrote or marked
bubbles + handwriting (together 8 nats ahead)        no name on the sheet
file name + handwriting (loss < 3), + bubbles        a booklet of somebody else
Everything else is weak, and a person decides: machine reading alone, one fact alone. Facts that disagree, a number that
is not on the roster, a second paper of somebody: no proposal stands. Nothing here knows a database or an image.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.matching import Candidate, Roster, loss_of, together
from lti_tool.scans.readers.readings import Reading

VERIFIES, VERIFIES_NAME, PLAUSIBLE, AHEAD = 6.0, 3.0, 4.0, 8.0
"""Nats: a sheet's handwriting, a file name's handwriting, a proposal by handwriting alone, two readings together."""
MOST_CANDIDATES = 3
SHEET, FILENAME = EvidenceKind.SHEET, EvidenceKind.FILENAME
DIGITS, BUBBLES, PRINTED = EvidenceKind.DIGITS, EvidenceKind.BUBBLES, EvidenceKind.PRINTED


class Strength(StrEnum):
    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


class Why(StrEnum):
    """Why a binding is what it is."""

    AGREE = "agree"
    ALONE = "alone"
    UNCLEAR = "unclear"
    DISAGREE = "disagree"
    NOT_ON_ROSTER = "not_on_roster"
    SECOND_PAPER = "second_paper"
    CONTESTED = "contested"
    NOTHING_READ = "nothing_read"


@dataclass(frozen=True, kw_only=True)
class Entrants:
    """Who sits the exam, by register number; numbers that two people have are not among them."""

    people: Mapping[str, int]
    roster: Roster

    @classmethod
    def of(cls, people: Mapping[str, int]) -> "Entrants":
        return cls(people=people, roster=Roster(list(people)))

    def numbers_of(self, person_id: int) -> list[str]:
        return [number for number, owner in self.people.items() if owner == person_id]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What there is about one paper. `printed_for` is whose name the sheet carries, or the hall noted for it."""

    readings: Sequence[Reading] = ()
    printed_for: int | None = None

    def clear(self, kind: EvidenceKind) -> Reading | None:
        return next((reading for reading in self.readings if reading.kind is kind and reading.is_clear), None)


@dataclass(frozen=True, kw_only=True)
class Binding:
    """To whom a paper belongs and how sure that is; `candidates` are whom else a person should look at."""

    strength: Strength
    why: Why
    person_id: int | None = None
    facts: tuple[EvidenceKind, ...] = ()
    candidates: tuple[int, ...] = ()


Key = TypeVar("Key", bound=Hashable)


def judge(evidence: Evidence, entrants: Entrants, taken: Collection[int] = ()) -> Binding:
    """What one paper's own evidence says; `taken` have a paper already."""
    claims = _claims(evidence, entrants)
    candidates = tuple(entrants.people[found.number] for found in _candidates(evidence, entrants))
    if None in claims.values():
        return Binding(strength=Strength.NONE, why=Why.NOT_ON_ROSTER, candidates=candidates)
    people = {person for person in claims.values() if person is not None}
    if len(people) > 1:
        everybody = tuple(dict.fromkeys((*people, *candidates)))
        return Binding(strength=Strength.NONE, why=Why.DISAGREE, candidates=everybody)
    binding = _by_claims(evidence, entrants, claims, people.pop()) if people else _by_handwriting(evidence, entrants)
    binding = replace(binding, candidates=tuple(dict.fromkeys((*binding.candidates, *candidates))))
    if binding.person_id is not None and binding.person_id in taken:
        return _refused(binding, Why.SECOND_PAPER)
    return binding


def judge_all(papers: Mapping[Key, Evidence], entrants: Entrants, taken: Collection[int] = ()) -> dict[Key, Binding]:
    """The papers of an exam together: two of one student go to a person, and so does one that another may belong to."""
    found = {key: judge(evidence, entrants, taken) for key, evidence in papers.items()}
    found = _assigned(papers, found, entrants)
    owners = Counter(binding.person_id for binding in found.values() if binding.person_id is not None)
    contested = _contested(papers, found, entrants)
    for key, binding in found.items():
        if binding.person_id is not None and owners[binding.person_id] > 1:
            found[key] = _refused(binding, Why.SECOND_PAPER)
        elif binding.strength is Strength.STRONG and binding.person_id in contested:
            found[key] = replace(binding, strength=Strength.WEAK, why=Why.CONTESTED)
    return found


def _claims(evidence: Evidence, entrants: Entrants) -> dict[EvidenceKind, int | None]:
    """What says outright whose paper it is; None for somebody who is not on the roster.

    A printed number that nobody has may be anything, or misread: it claims nothing.
    """
    claims: dict[EvidenceKind, int | None] = {}
    if evidence.printed_for is not None:
        claims[SHEET] = evidence.printed_for
    for kind in (FILENAME, BUBBLES):
        reading = evidence.clear(kind)
        if reading is not None:
            claims[kind] = entrants.people.get(reading.claim)
    printed = evidence.clear(PRINTED)
    if printed is not None and printed.claim in entrants.people:
        claims[PRINTED] = entrants.people[printed.claim]
    return claims


def _candidates(evidence: Evidence, entrants: Entrants) -> list[Candidate]:
    written = evidence.clear(DIGITS)
    return entrants.roster.candidates(written.places, MOST_CANDIDATES) if written else []


def _by_claims(
    evidence: Evidence, entrants: Entrants, claims: Mapping[EvidenceKind, int | None], person_id: int
) -> Binding:
    facts = tuple(claims)
    written = evidence.clear(DIGITS)
    if written is None:
        return _agreeing(person_id, facts, _is_enough(facts))
    loss = min((loss_of(written.places, number) for number in entrants.numbers_of(person_id)), default=float("inf"))
    if loss >= VERIFIES:
        return Binding(strength=Strength.NONE, why=Why.DISAGREE, candidates=(person_id,))
    verified = _is_enough(facts) or SHEET in facts or (FILENAME in facts and loss < VERIFIES_NAME)
    is_strong = verified or (BUBBLES in facts and _is_ahead(evidence, entrants, person_id))
    return _agreeing(person_id, (*facts, DIGITS), is_strong)


def _is_enough(facts: Sequence[EvidenceKind]) -> bool:
    """Two facts that are independent of each other without any handwriting: one of them the student's own marks."""
    return BUBBLES in facts and (SHEET in facts or FILENAME in facts)


def _agreeing(person_id: int, facts: tuple[EvidenceKind, ...], is_strong: bool) -> Binding:
    if is_strong:
        return Binding(strength=Strength.STRONG, why=Why.AGREE, person_id=person_id, facts=facts)
    why = Why.ALONE if len(facts) == 1 else Why.UNCLEAR
    return Binding(strength=Strength.WEAK, why=why, person_id=person_id, facts=facts)


def _is_ahead(evidence: Evidence, entrants: Entrants, person_id: int) -> bool:
    """Whether handwriting alone finds the same student, and both together leave the next far behind."""
    written, marked = evidence.clear(DIGITS), evidence.clear(BUBBLES)
    if written is None or marked is None:
        return False
    first = entrants.roster.candidates(written.places, 1)
    both = entrants.roster.candidates(together(written.places, marked.places), 1)
    return (
        bool(first and both)
        and entrants.people[first[0].number] == entrants.people[both[0].number] == person_id
        and both[0].margin >= AHEAD
    )


def _by_handwriting(evidence: Evidence, entrants: Entrants) -> Binding:
    if evidence.clear(DIGITS) is None:
        return Binding(strength=Strength.NONE, why=Why.NOTHING_READ)
    near = [found for found in _candidates(evidence, entrants) if found.loss < PLAUSIBLE]
    if not near:
        return Binding(strength=Strength.NONE, why=Why.NOT_ON_ROSTER)
    person_id = entrants.people[near[0].number]
    return Binding(strength=Strength.WEAK, why=Why.ALONE, person_id=person_id, facts=(DIGITS,))


def _assigned(papers: Mapping[Key, Evidence], found: Mapping[Key, Binding], entrants: Entrants) -> dict[Key, Binding]:
    """Proposals by handwriting alone, made so that no two papers propose one student."""
    alone = {key: papers[key].clear(DIGITS) for key, binding in found.items() if binding.facts == (DIGITS,)}
    held = {binding.person_id for binding in found.values() if binding.facts != (DIGITS,)}
    free = Roster([number for number, person in entrants.people.items() if person not in held])
    numbers = free.assignment([written.places for written in alone.values() if written])
    changed = dict(found)
    for (key, written), number in zip(alone.items(), numbers, strict=True):
        if written and number and loss_of(written.places, number) < PLAUSIBLE:
            changed[key] = replace(found[key], person_id=entrants.people[number])
    return changed


def _contested(papers: Mapping[Key, Evidence], found: Mapping[Key, Binding], entrants: Entrants) -> set[int]:
    """Students whose number stands on a paper that was not surely given to somebody: a swap has two halves."""
    contested: set[int] = set()
    for key, binding in found.items():
        written = papers[key].clear(DIGITS)
        if binding.strength is not Strength.STRONG and written is not None:
            near = entrants.roster.candidates(written.places, MOST_CANDIDATES)
            contested |= {entrants.people[other.number] for other in near if other.loss < VERIFIES} - {
                binding.person_id or 0
            }
    return contested


def _refused(binding: Binding, why: Why) -> Binding:
    """Nobody's, with the student it spoke of first among the candidates."""
    spoken = (binding.person_id,) if binding.person_id is not None else ()
    candidates = tuple(dict.fromkeys((*spoken, *binding.candidates)))
    return Binding(strength=Strength.NONE, why=why, candidates=candidates)
