"""Finding attempts to instruct a model, and the text without them.

What is found is taken out to the end of its line or sentence, for the order follows the opening. A question that only
speaks of such attempts may lose a sentence; what people wrote is stored and shown as they wrote it.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from lti_tool.llm.injection.folding import Reading, readings, without_invisible
from lti_tool.llm.injection.patterns import (
    DISGUISED,
    ENCODED,
    ESCAPED,
    EVERYWHERE,
    FEW_SHOTS,
    SPEAKER,
    TAGS,
    Trick,
)

REMOVED = "[instruction removed]"
SENTENCE_END = re.compile(r"[.!?。！？।](?=\s|$)|[。！？।]|\n")
UNICODE_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
FURTHEST = 400
MOST_ENCODED = 20
"""Runs of letters that are decoded; a text with more is a table of codes, not a message."""


@dataclass(frozen=True, kw_only=True)
class Neutralised:
    """A text as a model may read it, and what was taken out."""

    text: str
    tricks: tuple[Trick, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt and where it stands in the text."""

    trick: Trick
    start: int
    end: int


@lru_cache(maxsize=2048)
def neutralised(text: str) -> Neutralised:
    """The text without invisible signs and without what tries to instruct; the passages of a course come again."""
    found = attempts_in(text)
    pieces, position = [], 0
    for one in found:
        if one.start >= position:
            pieces += [text[position : one.start], REMOVED]
        position = max(position, one.end)
    clean = without_invisible("".join([*pieces, text[position:]]))
    return Neutralised(text=clean, tricks=tuple(dict.fromkeys(sorted(one.trick for one in found))))


def attempts_in(text: str) -> list[Attempt]:
    """What tries to instruct, in the order of its places; attempts may overlap."""
    return sorted(_find(text), key=lambda one: (one.start, one.end))


def _find(text: str) -> Iterator[Attempt]:
    yield from _in_readings(text)
    yield from _encoded(text)
    yield from _dialogue(text)
    for match in TAGS.finditer(text):
        yield Attempt(trick=Trick.HIDDEN, start=match.start(), end=match.end())


def _in_readings(text: str) -> Iterator[Attempt]:
    for number, reading in enumerate(readings(text)):
        for trick, pattern in EVERYWHERE if number == 0 else DISGUISED:
            for match in pattern.finditer(reading.text):
                yield _stretch(text, trick, reading, match)


def _stretch(text: str, trick: Trick, reading: Reading, match: re.Match[str]) -> Attempt:
    """A label is taken out alone, an order with the rest of its sentence."""
    start, end = reading.span(match.start(), match.end())
    if trick is not Trick.DELIMITER:
        rest = SENTENCE_END.search(text, end, end + FURTHEST)
        end = rest.end() if rest and rest[0] != "\n" else rest.start() if rest else min(len(text), end + FURTHEST)
    return Attempt(trick=trick, start=start, end=end)


def _encoded(text: str) -> Iterator[Attempt]:
    for match in [*ENCODED.finditer(text)][:MOST_ENCODED] + [*ESCAPED.finditer(text)][:MOST_ENCODED]:
        if any(_instructs(decoded) for decoded in _decoded(match[0])):
            yield Attempt(trick=Trick.ENCODED, start=match.start(), end=match.end())


def _decoded(run: str) -> Iterator[str]:
    """What a run of signs may stand for."""
    for decode in (_from_base64, _from_hex):
        try:
            yield decode(run).decode()
        except (binascii.Error, ValueError):
            continue
    yield html.unescape(unquote(UNICODE_ESCAPE.sub(lambda code: chr(int(code[1] or code[2], 16)), run)))


def _from_base64(run: str) -> bytes:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _from_hex(run: str) -> bytes:
    return bytes.fromhex(run.replace(":", ""))


def _instructs(text: str) -> bool:
    return any(pattern.search(reading.text) for reading in readings(text) for _, pattern in DISGUISED)


def _dialogue(text: str) -> Iterator[Attempt]:
    """The labels of a dialogue that somebody made up for the model to continue."""
    labels = [*SPEAKER.finditer(text)]
    if len(labels) >= FEW_SHOTS and len({label[1].lower() for label in labels}) > 1:
        for label in labels:
            yield Attempt(trick=Trick.MANY_SHOT, start=label.start(1), end=label.end())
