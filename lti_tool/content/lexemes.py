"""Words of any language as lexemes of the full-text index: for chunks and for questions alike.

PostgreSQL's own configurations must know the language, split no Chinese and cannot fold diacritics here (no ICU, no
unaccent). So a text becomes folded words and that part of each word which survives inflection: its first letters; in
Arabic and Hebrew, which inflect at both ends, every run of four letters; in Chinese and Japanese, which write no
spaces, pairs of characters and single ones. benchmarks/retrieval_quality.py measures it.

Each lexeme begins with its course: a search reads that course's postings and no others. What stands twice or four
times in a chunk stands in the index again with a mark, so that scoring never has to unpack a whole vector.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

PREFIXES = (4, 5)
RUN = 4
LONGEST = 40
PART = "^"
REPEATS = (2, 4)

# Marks of Indic scripts carry vowels: dropping them, as one drops accents, would make different words alike.
INDIC = "\u0900-\u0dff"
IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"(?P<ideographs>[{IDEOGRAPHS}]+)|(?P<semitic>[\u0590-\u07ff]+)|(?:(?![{IDEOGRAPHS}])[\w{INDIC}])+")
COMBINING_KEPT = re.compile(f"[{INDIC}]")


def terms_of(text: str) -> Iterator[str]:
    """Every term of a text in its order; a part of a word begins with PART."""
    for found in WORD.finditer(folded(text)):
        word = found.group()
        if found.lastgroup == "ideographs":
            yield from _overlapping(word, 2)
            yield from (PART + character for character in word)
        else:
            yield word[:LONGEST]
            yield from (PART + part for part in _parts(word, found.lastgroup == "semitic"))


def folded(text: str) -> str:
    """Lower case without diacritics, so that "Größe", "GROSSE" and "grösse" meet."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = (letter for letter in decomposed if not unicodedata.combining(letter) or COMBINING_KEPT.match(letter))
    return unicodedata.normalize("NFC", "".join(kept))


def lexeme(course_id: int, term: str) -> str:
    """The lexeme of a term in a course; that of the empty term stands in every chunk of the course."""
    return f"{course_id}:{term}"


def marks() -> tuple[str, ...]:
    """What is written after a lexeme: nothing, and one mark for each number of repeats."""
    return ("", *(f"~{times}" for times in REPEATS))


def vector_of(course_id: int, terms: Counter[str]) -> str:
    """The tsvector of a chunk, as PostgreSQL reads one. Terms hold letters and digits only: nothing to quote."""
    lexemes = [lexeme(course_id, "")]
    for term, count in terms.items():
        found = lexeme(course_id, term)
        lexemes += [found, *(f"{found}~{times}" for times in REPEATS if count >= times)]
    return " ".join(f"'{written}'" for written in lexemes)


def _parts(word: str, is_semitic: bool) -> list[str]:
    """Two lengths, so that "cell" meets "cells" and longer words still count for more."""
    if is_semitic:
        return _overlapping(word, RUN)
    return list(dict.fromkeys(word[:length] for length in PREFIXES))


def _overlapping(word: str, length: int) -> list[str]:
    return [word[start : start + length] for start in range(max(1, len(word) - length + 1))]
