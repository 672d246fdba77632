"""What of the material goes into a prompt: the page a student is on and the passages share one budget (R24, R45, R149).

The page takes at most half of it where there are passages too; what it leaves is theirs, the best first.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from lti_tool.content.retrieval import Passage
from lti_tool.tutor.turns import CitedPassage

Count = Callable[[str], int]

BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"(?<=[.!?。！？])\s|(?<=[。！？])"), re.compile(r"\s"))
LEAST_KEPT = 0.5
"""A cut goes back to the end of a paragraph, sentence or word, but throws away no more than the rest."""


@dataclass(frozen=True, kw_only=True)
class PageBlock:
    """The page of the course that the student has open (R15); `url` is its address on the platform."""

    title: str
    url: str
    text: str
    source_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Material:
    """What fits: numbered passages, and the open page or what of it fits; `is_assessed` where only hints are given.

    With `is_guess` the passages are those of the open page, because the question names nothing of the course: only a
    model can say whether it is about the page.
    """

    passages: tuple[CitedPassage, ...]
    page: PageBlock | None = None
    is_assessed: bool = False
    is_guess: bool = False


def within_budget(found: Iterable[Passage], page: PageBlock | None, *, budget: int, count: Count) -> Material:
    """The best passages and the page, together at most `budget` tokens; the best passage is given in any case."""
    found = list(found)
    left = budget
    if page is not None:
        page = replace(page, text=cut(page.text, budget // 2 if found else budget, count))
        left -= count(page.text)
    chosen: list[CitedPassage] = []
    for passage in found:
        left -= count(passage.text)
        if left < 0 and chosen:
            break
        chosen.append(_numbered(passage, len(chosen) + 1))
    return Material(passages=tuple(chosen), page=page)


def cut(text: str, most: int, count: Count) -> str:
    """The beginning of a text that is at most so many tokens."""
    while (tokens := count(text)) > most and text:
        shorter = text[: min(len(text) - 1, len(text) * most // tokens)]
        text = _whole(shorter)
    return text


def _whole(text: str) -> str:
    for pattern in BREAKS:
        ends = [found.start() for found in pattern.finditer(text)]
        if ends and ends[-1] >= len(text) * LEAST_KEPT:
            return text[: ends[-1]].rstrip()
    return text


def _numbered(passage: Passage, number: int) -> CitedPassage:
    return CitedPassage(
        number=number,
        chunk_id=passage.chunk_id,
        title=passage.title,
        locator=passage.locator,
        quotation=passage.text,
        course_url=passage.url or "",
    )
