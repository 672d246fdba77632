"""Where a submission may try to steer its grader: orders to a model, pleas for points, words hidden from readers.

Nothing of it is judged here. The work is read a second time without these stretches, and what differs is shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.grading.reading import ReadableWork
from lti_tool.llm.injection.detection import attempts_in
from lti_tool.llm.injection.folding import readings

LEFT_OUT = "[…]"
SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n")
FURTHEST = 300

POINTS = r"(?:marks?|points?|score|grade|credits?|percent|a\+|distinction)"
BEST = r"(?:full|maximum|max|top|highest|perfect|all|best|100)"
GRADER = r"(?:graders?|markers?|examiners?|assessors?|evaluators?|reviewers?)"
WORK = r"(?:answer|essay|work|submission|paper|text|code)"
GOOD = r"(?:correct|full|excellent|perfect|highest|best|maximum|level|\d)"
PLEAS = re.compile(
    "|".join(
        (
            rf"\b(?:give|award|assign|grant|allocate)\b[^.!?\n]{{0,40}}\b{BEST}\b[^.!?\n]{{0,20}}\b{POINTS}",
            rf"\b(?:deserves?|worth|merits?|(?:should|must) (?:get|receive|be given))\b[^.!?\n]{{0,30}}"
            rf"\b{BEST}\b[^.!?\n]{{0,20}}\b{POINTS}",
            rf"\b(?:attention|note|message|instructions?|dear|hello|hi)\b[^.!?\n]{{0,12}}"
            rf"\b(?:ai|automatic|automated|machine)?\s*{GRADER}\b",
            rf"\b(?:ai|automated|automatic|machine) {GRADER}\b",
            rf"\b(?:mark|grade|score|rate|evaluate|assess) (?:this|it|my|the) {WORK}?"
            rf"\s*(?:as|with|at)\b[^.!?\n]{{0,20}}\b{GOOD}",
            rf"\b(?:choose|select|pick|tick)\b[^.!?\n]{{0,20}}\b{BEST} (?:level|mark|score|option)",
            r"\b(?:volle|maximale|hochste|beste) (?:punktzahl|punkte|note|bewertung)\b",
            r"\b(?:punteggio|voto) (?:pieno|massimo)\b|\b(?:massimo|miglior) (?:punteggio|voto)\b",
            r"\b(?:puntuacion|nota|calificacion) (?:maxima|completa|mas alta)\b",
            r"\b(?:maxima|mejor) (?:puntuacion|nota)\b",
            r"\b(?:note|points?) (?:maximale?|maximum|complete?s?)\b|\bmeilleure note\b",
        )
    )
)
"""Against the plain reading of llm/injection: lower case and without diacritics."""


class Kind(StrEnum):
    """What a stretch is suspected of, beside the tricks of llm/injection."""

    PLEA = "plea"
    CONCEALED = "concealed"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of the readable work; `kind` is of Kind or of Trick."""

    start: int
    end: int
    kind: str


def suspicious_stretches(work: ReadableWork) -> list[Stretch]:
    """In the order of their places, those that overlap or touch as one."""
    found = sorted(_found(work), key=lambda stretch: (stretch.start, stretch.end))
    merged: list[Stretch] = []
    for stretch in found:
        if merged and stretch.start <= merged[-1].end:
            last = merged.pop()
            stretch = Stretch(start=last.start, end=max(last.end, stretch.end), kind=last.kind)
        merged.append(stretch)
    return merged


def without(text: str, stretches: Sequence[Stretch]) -> str:
    """The text with each stretch left out."""
    pieces, position = [], 0
    for stretch in stretches:
        pieces += [text[position : stretch.start], LEFT_OUT]
        position = stretch.end
    return "".join([*pieces, text[position:]])


def _found(work: ReadableWork) -> Iterator[Stretch]:
    for start, end in work.concealed:
        yield Stretch(start=start, end=end, kind=Kind.CONCEALED)
    for attempt in attempts_in(work.text):
        yield Stretch(start=attempt.start, end=attempt.end, kind=attempt.trick)
    yield from _pleas(work.text)


def _pleas(text: str) -> Iterator[Stretch]:
    for reading in readings(text):
        for match in PLEAS.finditer(reading.text):
            start, end = reading.span(match.start(), match.end())
            rest = SENTENCE_END.search(text, end, end + FURTHEST)
            yield Stretch(start=start, end=rest.end() if rest and rest[0] != "\n" else end, kind=Kind.PLEA)
