"""Prompts are text files with a version, which is stored with every answer and proposal made by them.

`<id>.txt` opens with a line `version: <number>`, then an empty line, then the text; {names} are filled in.
"""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LETTERS = str.maketrans("0123456789", "ghijklmnop")
HEAD = re.compile(r"version: ([0-9]+)\n\n")


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A versioned text template."""

    id: str
    version: int
    text: str

    def fill(self, **values: str) -> str:
        """The text with its {names} replaced."""
        return fill(self.text, **values)


def fill(text: str, **values: str) -> str:
    """Replace {names} that are given; other braces, as in an administrator's own text, stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)


def fresh_mark() -> str:
    """Sixteen letters that nobody can guess, for the lines around untrusted text.

    Without digits: a long number in it would be hidden on the way out like any other, and a known tag be left.
    """
    return secrets.token_hex(8).translate(LETTERS)


@cache
def load_prompt(id: str) -> Prompt:
    """The prompt of that id; raises FileNotFoundError for one that is not shipped."""
    content = (FOLDER / f"{id}.txt").read_text(encoding="utf-8")
    head = HEAD.match(content)
    if head is None:
        raise ValueError(f"{id}.txt does not open with its version")
    return Prompt(id=id, version=int(head[1]), text=content[head.end() :].strip())
