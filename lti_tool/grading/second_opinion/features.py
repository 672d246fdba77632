"""What can be counted in an answer, in any language: length, variety, and overlap with what was asked and expected.

Word beginnings stand for stems, so that no dictionary is needed. All of it carries over from one task to the next.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+")
SENTENCE_END = re.compile(r"[.!?;\n]+")
DENIAL = re.compile(
    r"\b(?:no|not|never|without|none|cannot|nicht|kein\w*|nie|non|mai|senza|ne|pas|sin|nunca)\b|n['’]t\b"
)
STEM = 6
GRAM = 4


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A text to be judged, what was asked, and answers or criteria that say what was expected."""

    text: str
    task: str = ""
    references: tuple[str, ...] = ()
    group: str = ""


def word_count(text: str) -> int:
    """How many words a text has; the whole of the baseline."""
    return len(WORD.findall(text))


def countable(paper: Paper) -> list[float]:
    """The features of one paper, always as many: form first, then the best overlap with any reference."""
    stems = _stems(paper.text)
    asked = set(_stems(paper.task))
    form = _form(paper.text, stems, asked)
    overlaps = [_overlap(paper.text, stems, reference, asked) for reference in paper.references]
    best = [max(column) for column in zip(*overlaps, strict=True)] if overlaps else [0.0] * 7
    return form + best


def recall(paper: Paper) -> float:
    """The share of the best reference's words that the text has: the baseline of word overlap."""
    said = set(_stems(paper.text))
    return max((_share(said, set(_stems(reference))) for reference in paper.references), default=0.0)


def _form(text: str, stems: Sequence[str], asked: set[str]) -> list[float]:
    words, distinct = WORD.findall(text), set(stems)
    return [
        math.log1p(len(words)),
        math.log1p(len(text)),
        sum(map(len, words)) / max(1, len(words)),
        len(distinct) / max(1, len(stems)),
        math.log1p(len(SENTENCE_END.findall(text))),
        _denies(text),
        _share(distinct, asked),
        len(distinct - asked) / max(1, len(distinct)),
    ]


def _overlap(text: str, stems: Sequence[str], reference: str, asked: set[str]) -> list[float]:
    said, expected = set(stems), set(_stems(reference))
    own, wanted = _grams(text), _grams(reference)
    return [
        _share(said, expected),
        _share(expected, said),
        _share(said, expected - asked or expected),
        len(said & expected) / max(1, len(said | expected)),
        _share(own, wanted),
        len(own & wanted) / max(1, len(own | wanted)),
        float(_denies(text) == _denies(reference)),
    ]


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / max(1, len(whole))


def _stems(text: str) -> list[str]:
    return [word[:STEM] for word in WORD.findall(text.lower())]


def _grams(text: str) -> set[str]:
    flat = " ".join(WORD.findall(text.lower()))
    return {flat[at : at + GRAM] for at in range(max(1, len(flat) - GRAM + 1))}


def _denies(text: str) -> float:
    return float(DENIAL.search(text.lower()) is not None)
