"""A text as a pattern reads it, with the way back to the original: look-alikes, spacing and invisible signs undone.

Each reading is a plain text and, for every one of its characters, where that character stands in the original.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e01ef]")
"""Signs that no reader sees and no text needs; joiners and direction marks of real scripts are not among them."""
JOINER_IN_LATIN = re.compile("(?<=[A-Za-z])[\u200c-\u200f](?=[A-Za-z])")
UNCOMPOSED = str.maketrans("łøđıßœæ", "lodisoa")
LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁԛԝνοαερτικυ", "aeopcyxijshdqwvoaeptiku")
LEET = str.maketrans("013457@$!|", "oieastasil")
SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][ .*_-]){3,}[^\W_](?![^\W_])")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One way to read a text."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the reading stands in the original."""
        at = self.places[start:end]
        return min(at), max(at) + 1


def readings(text: str) -> Iterator[Reading]:
    """As it stands first; then, where that differs, with look-alikes, digits for letters, gaps, turned or rotated."""
    seen = set()
    for make in (_plain, _latin, _digits, _closed, _turned, _rotated):
        reading = make(text)
        if reading.text not in seen:
            seen.add(reading.text)
            yield reading


def without_invisible(text: str) -> str:
    """What a reader sees."""
    return JOINER_IN_LATIN.sub("", INVISIBLE.sub("", text))


@lru_cache(maxsize=8)
def _plain(text: str) -> Reading:
    """In lower case, without diacritics, compatibility forms and invisible signs."""
    hidden = {found.start() for pattern in (INVISIBLE, JOINER_IN_LATIN) for found in pattern.finditer(text)}
    letters, places = [], []
    for place, letter in enumerate(text):
        if place not in hidden:
            plain = letter.lower() if letter.isascii() else plain_letter(letter)
            letters.append(plain)
            places += [place] * len(plain)
    return Reading(text="".join(letters), places=tuple(places))


@lru_cache(maxsize=4096)
def plain_letter(letter: str) -> str:
    """A letter without case, marks and fancy forms."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", letter).casefold())
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", kept).translate(UNCOMPOSED)


def _latin(text: str) -> Reading:
    return _translated(_plain(text), LOOK_ALIKES)


def _digits(text: str) -> Reading:
    return _translated(_latin(text), LEET)


def _translated(reading: Reading, table: dict[int, int]) -> Reading:
    return Reading(text=reading.text.translate(table), places=reading.places)


def _closed(text: str) -> Reading:
    """`i g n o r e` as one word; a wider gap between such words stays one."""
    plain = _plain(text)
    dropped = {
        place
        for found in SPACED.finditer(plain.text)
        for place in range(found.start(), found.end())
        if not plain.text[place].isalnum()
    }
    return _picked(plain, (place for place in range(len(plain.text)) if place not in dropped), str)


def _turned(text: str) -> Reading:
    plain = _plain(text)
    return _picked(plain, range(len(plain.text) - 1, -1, -1), str)


def _rotated(text: str) -> Reading:
    plain = _plain(text)
    return _picked(plain, range(len(plain.text)), _rotate)


def _rotate(letter: str) -> str:
    return chr((ord(letter) - 97 + 13) % 26 + 97) if "a" <= letter <= "z" else letter


def _picked(reading: Reading, places: Iterable[int], change: Callable[[str], str]) -> Reading:
    chosen = tuple(places)
    return Reading(
        text="".join(change(reading.text[place]) for place in chosen),
        places=tuple(reading.places[place] for place in chosen),
    )
