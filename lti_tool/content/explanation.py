"""Why a question finds what it finds, and why the tutor would answer or not: for the search box of teachers (R47).

The same search, settings and judgement as for an answer, with everything that was weighed on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.content.embedding import QuestionVector, question_vector
from lti_tool.content.finding import SEEN, is_too_unlike, model_of, used
from lti_tool.content.floors.floor import Floor, floor_for
from lti_tool.content.function_words import telling_words
from lti_tool.content.lexemes import PART, lexeme, terms_of
from lti_tool.content.models import CourseLexeme
from lti_tool.content.ranking import WEIGHED_TERMS
from lti_tool.content.retrieval import Judgement, Passage, asked_lexemes, judged, search
from lti_tool.db import transaction
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import RAG_TOP_K
from lti_tool.site_settings.store import snapshot

MOST_SHOWN = 12
"""Passages on the page: those that are used, and the nearest that are not."""
MOST_HIDDEN = 5


class Rejection(StrEnum):
    """Why a passage is not used."""

    TOO_UNLIKE = "too_unlike"
    TOO_MANY = "too_many"
    HIDDEN = "hidden"


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the question: its share of the question's weight, and in how many passages it stands as written."""

    text: str
    share: float
    passages: int


@dataclass(frozen=True, kw_only=True)
class ExplainedPassage:
    """A passage, its place, the words that speak for it with their share, and why it is not used, if it is not."""

    place: int
    passage: Passage
    words: list[Word]
    rejection: Rejection | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Everything the page shows."""

    words: list[Word]
    empty_words: list[str]
    passages: list[ExplainedPassage]
    judgement: Judgement
    floor: Floor
    most: int
    model: str | None


@dataclass(frozen=True, kw_only=True)
class _Weights:
    """What each term of the question weighs in this course; `units` are the words with the terms they stand for."""

    units: dict[str, set[str]]
    of_term: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.of_term.values()) or 1.0

    def share(self, terms: set[str]) -> float:
        return sum(self.of_term.get(term, 0.0) for term in terms) / self.total


def explain(runtime: Runtime, *, course_id: int, question: str, person_id: int | None = None) -> Explanation:
    """Search as the tutor would for a student, and tell why."""
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    vector = question_vector(door, course_id=course_id, question=question, person_id=person_id)
    with transaction(runtime.engine) as session:
        settings = snapshot(session, course_id)
        limit, floor = settings.read(RAG_TOP_K), floor_for(session, settings, model_of(vector))
        telling = telling_words(session, question)
        weights = _weights(session, course_id, telling)
        found = search(session, course_id=course_id, question=question, limit=MOST_SHOWN, vector=vector)
        everything = _with_hidden(session, course_id, question, vector, found)
        counts = _counts(session, course_id, list(weights.units))
    chosen = used(found[: max(limit, SEEN)], floor, limit)
    return Explanation(
        words=_words(weights, counts, set(weights.of_term)),
        empty_words=[word for word in dict.fromkeys(question.lower().split()) if _is_empty(word, weights)],
        passages=[
            ExplainedPassage(
                place=place,
                passage=passage,
                words=_words(weights, counts, set(terms_of(f"{passage.heading}\n{passage.text}"))),
                rejection=_rejection(passage, found, chosen, floor),
            )
            for place, passage in enumerate(everything[:MOST_SHOWN], start=1)
        ],
        judgement=judged(found[: max(limit, SEEN)], least_similarity=floor.value),
        floor=floor,
        most=limit,
        model=model_of(vector),
    )


def _with_hidden(
    session: Session, course_id: int, question: str, vector: QuestionVector | None, found: Sequence[Passage]
) -> list[Passage]:
    """What is found, then what would have been found first if its source were not hidden from students."""
    limit = MOST_SHOWN
    both = search(session, course_id=course_id, question=question, limit=limit, vector=vector, include_hidden=True)
    seen = {passage.chunk_id for passage in found}
    hidden = [passage for passage in both[:MOST_HIDDEN] if passage.chunk_id not in seen]
    return [*found[: limit - len(hidden)], *hidden]


def _rejection(passage: Passage, found: Sequence[Passage], chosen: Sequence[Passage], floor: Floor) -> Rejection | None:
    if passage in chosen:
        return None
    if passage not in found:
        return Rejection.HIDDEN
    return Rejection.TOO_UNLIKE if is_too_unlike(passage, floor) else Rejection.TOO_MANY


def _weights(session: Session, course_id: int, words: Sequence[str]) -> _Weights:
    start = len(lexeme(course_id, ""))
    rows = session.execute(WEIGHED_TERMS, asked_lexemes(course_id, words))
    of_term = {row.lexeme[start:]: float(row.weight or 0.0) for row in rows}
    return _Weights(units=_units(words), of_term=of_term)


def _units(words: Sequence[str]) -> dict[str, set[str]]:
    """Words as shown: in scripts without spaces, pairs of characters. A part belongs to the first that has it."""
    units: dict[str, set[str]] = {}
    for word in words:
        terms = list(dict.fromkeys(terms_of(word)))
        whole = [term for term in terms if not term.startswith(PART)]
        for term in whole:
            units.setdefault(term, {term})
        for part in (term for term in terms if term.startswith(PART)):
            owner = next((term for term in whole if part[len(PART) :] in term), None)
            if owner is not None and not any(part in owned for owned in units.values()):
                units[owner].add(part)
    return units


def _words(weights: _Weights, counts: dict[str, int], there: set[str]) -> list[Word]:
    """The words of which something stands there, those that weigh most first."""
    found = [
        Word(text=unit, share=weights.share(terms & there), passages=counts.get(unit, 0))
        for unit, terms in weights.units.items()
        if terms & there
    ]
    return sorted(found, key=lambda word: -word.share)


def _counts(session: Session, course_id: int, units: Sequence[str]) -> dict[str, int]:
    """In how many passages of the course each word stands just so."""
    by_lexeme = {lexeme(course_id, unit): unit for unit in units}
    rows = session.execute(select(CourseLexeme.lexeme, CourseLexeme.chunks).where(CourseLexeme.lexeme.in_(by_lexeme)))
    return {by_lexeme[row.lexeme]: row.chunks for row in rows}


def _is_empty(word: str, weights: _Weights) -> bool:
    """Whether a word of the question was left aside as saying nothing of its subject."""
    terms = set(terms_of(word))
    return bool(terms) and not terms & set(weights.of_term)
