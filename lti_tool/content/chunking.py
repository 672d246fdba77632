"""Cutting extracted text into chunks (R41): at blank lines first, then lines, sentences, words; never over 6,000.

A chunk stays on one page or slide and under one heading, so that a citation can name its place. It aims at 400 tokens:
benchmarks/chunk_sizes.py finds the right paragraph among what is given as often with these as with 1,500 tokens, or
with the 1,500 around each (.991, .990 and .992 over seven languages), and gives the model two fifths fewer tokens.
"""

import hashlib
import re
from dataclasses import dataclass

from lti_tool.content.extraction.sections import Section

LONGEST = 6000
AIM = 1600
SEPARATORS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…;:])\s+|(?<=[。！？；])"),
    re.compile(r"\s+"),
)
JOINTS = ("\n\n", "\n", " ", " ")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A chunk to be: its text and where it stands."""

    position: int
    page: int | None
    heading: str
    text: str

    @property
    def sha256(self) -> str:
        """What makes a chunk the same chunk (R42, R43); its page may change."""
        return hashlib.sha256(f"{self.heading}\0{self.text}".encode()).hexdigest()


def pieces_of(sections: list[Section], aim: int = AIM) -> list[Piece]:
    """The chunks of a document in their order."""
    found = [
        (section["page"], section["heading"], text)
        for section in sections
        for text in split(section["text"].strip(), aim)
    ]
    return [
        Piece(position=position, page=page, heading=heading[:300], text=text)
        for position, (page, heading, text) in enumerate(found)
    ]


def split(text: str, most: int, level: int = 0) -> list[str]:
    """Parts of at most `most` characters, as long as the first separator that serves allows."""
    if len(text) <= most:
        return [text] if text else []
    if level == len(SEPARATORS):
        return [text[start : start + most] for start in range(0, len(text), most)]
    parts: list[str] = []
    for part in SEPARATORS[level].split(text):
        for smaller in split(part.strip(), most, level + 1):
            if parts and len(parts[-1]) + len(JOINTS[level]) + len(smaller) <= most:
                parts[-1] += JOINTS[level] + smaller
            else:
                parts.append(smaller)
    return parts
