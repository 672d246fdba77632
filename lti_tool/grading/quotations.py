"""Where a quotation stands in a text: letter for letter but for spaces, quotation marks, dashes and invisible signs.

Both are read in the same plain way, and every sign of the plain text knows where it stands in the original, so what is
found has an exact place. An ellipsis leaves out at most `FURTHEST` signs; nothing else is forgiven.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe\U000e0000-\U000e01ef]"
)
ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3,}|…)\s*")
AROUND = " \t\n\"'`.,;:"
ALIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»‹›″〝〞「」『』", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
SHORTEST = 3
"""Fewer signs stand everywhere and prove nothing."""
FURTHEST = 600


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A text as quotations are compared with it; `places` leads each sign back to the original."""

    text: str
    places: tuple[int, ...]


def find_quotation(text: str, quotation: str) -> tuple[int, int] | None:
    """Where the quotation begins and ends in the text; None where it does not stand there."""
    plain = _plain(text)
    parts = [part for part in (_wanted(piece) for piece in ELLIPSIS.split(quotation)) if part]
    if sum(map(len, parts)) < SHORTEST:
        return None
    position = 0
    while (start := plain.text.find(parts[0], position)) >= 0:
        end = _end(plain.text, parts, start)
        if end is not None:
            return plain.places[start], plain.places[end - 1] + 1
        position = start + 1
    return None


def _end(text: str, parts: list[str], start: int) -> int | None:
    """Where the last part ends, if each follows the one before it not too far away."""
    end = start + len(parts[0])
    for part in parts[1:]:
        found = text.find(part, end, end + FURTHEST + len(part))
        if found < 0:
            return None
        end = found + len(part)
    return end


def _wanted(piece: str) -> str:
    return _plain(piece).text.strip(AROUND)


@lru_cache(maxsize=64)
def _plain(text: str) -> Plain:
    """With its letters taken apart, single spaces and one kind of marks."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for sign in _signs(letter):
            if sign == " " and (not letters or letters[-1] == " "):
                continue
            letters.append(sign)
            places.append(place)
    return Plain(text="".join(letters), places=tuple(places))


@lru_cache(maxsize=4096)
def _signs(letter: str) -> str:
    if letter.isspace():
        return " "
    if INVISIBLE.match(letter):
        return ""
    return unicodedata.normalize("NFKD", letter.translate(ALIKE)).translate(ALIKE)
