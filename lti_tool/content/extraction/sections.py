"""What every format is turned into: runs of text that share a page (or slide) and a heading."""

import re
from typing import TypedDict

from lti_tool.errors import InvalidInput

MOST_CHARACTERS = 20_000_000
SPACES = re.compile(r"[^\S\n]+")
GAPS = re.compile(r"\n{3,}")
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")


Rows = list[list[str]]


class Section(TypedDict):
    """JSON, for it leaves the limited process."""

    page: int | None
    heading: str
    text: str


class Outline:
    """Collects blocks of text under the headings above them."""

    def __init__(self, page: int | None = None) -> None:
        self.page = page
        self.sections: list[Section] = []
        self._headings: dict[int, str] = {}
        self._blocks: list[str] = []

    def heading(self, level: int, text: str) -> None:
        """A heading ends those of its level and below."""
        self.end()
        kept = {above: words for above, words in self._headings.items() if above < level}
        self._headings = kept | ({level: tidy(text).replace("\n", " ")} if tidy(text) else {})

    def text(self, block: str) -> None:
        if tidied := tidy(block):
            self._blocks.append(tidied)

    def table(self, rows: Rows, *, has_header: bool = False) -> None:
        """One line a row; under a header every cell names its column, for a row may end up in a chunk of its own."""
        lines = [[tidy(cell).replace("\n", " ") for cell in row] for row in rows]
        lines = [line for line in lines if any(line)]
        if has_header and len(lines) > 1 and len(lines[0]) > 1:
            lines = [lines[0], *(_named(line, lines[0]) for line in lines[1:])]
        self.text("\n".join(" | ".join(line) for line in lines))

    def picture(self, description: str) -> None:
        """What a picture shows, in the words of whoever put it there."""
        self.text(picture_text(description))

    def end(self) -> list[Section]:
        """Close the last section; all sections."""
        if self._blocks:
            heading = " › ".join(self._headings.values())
            self.sections.append(Section(page=self.page, heading=heading, text="\n\n".join(self._blocks)))
            self._blocks = []
        return self.sections


def picture_text(description: str) -> str:
    """The text that stands for a picture; nothing for one that only decorates."""
    described = tidy(description).replace("\n", " ")
    return f"[Image: {described}]" if described else ""


def _named(line: list[str], header: list[str]) -> list[str]:
    """A column that a row spans further than the header, or whose name is empty, stays without a name."""
    names = [*header, *[""] * len(line)]
    return [f"{name}: {cell}" if name and cell else cell for name, cell in zip(names, line, strict=False) if cell]


def tidy(text: str) -> str:
    """Without invisible characters, runs of spaces and empty lines."""
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))
    lines = (SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return GAPS.sub("\n\n", "\n".join(lines)).strip()


def checked(sections: list[Section]) -> list[Section]:
    """Raises InvalidInput where there is no text, or more than anybody wrote."""
    characters = sum(len(section["text"]) for section in sections)
    if characters == 0:
        raise InvalidInput("no_text", "No text was found in this file.")
    if characters > MOST_CHARACTERS:
        raise InvalidInput("too_much_text", "This file holds more text than can be used. Send it in parts.")
    return sections
