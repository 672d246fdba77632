"""The colours of program code, as places and class names: Pygments reads the code, the template writes it."""

from dataclasses import dataclass

from pygments.lexers import get_lexer_for_filename
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

MOST_SIGNS = 200_000
PREFIX = "hl-"
PLAIN = frozenset({"Text only", "Text output", "Markdown", "HTML"})
"""What is read as writing, not as a program."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A stretch of the code in one colour."""

    start: int
    end: int
    colour: str


def tokens_of(name: str, code: str) -> list[Token] | None:
    """The coloured stretches of a program; None where the name tells of none."""
    if len(code) > MOST_SIGNS:
        return None
    try:
        lexer = get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    if lexer.name in PLAIN:
        return None
    tokens = []
    position = 0
    for kind, text in lexer.get_tokens(code):
        short = STANDARD_TYPES.get(kind, "")
        if short and text.strip():
            tokens.append(Token(start=position, end=position + len(text), colour=PREFIX + short))
        position += len(text)
    return tokens
