"""Text of other systems as HTML: by the format its author chose, and lines made of plain values."""

import re
from datetime import UTC, datetime
from enum import IntEnum
from html import escape

from markdown_it import MarkdownIt

TAGS = re.compile(r"<(?!img\b)[^>]*>|&nbsp;|\s", re.IGNORECASE)
PARAGRAPHS = re.compile(r"\n\s*\n")


class Format(IntEnum):
    """As Moodle numbers them."""

    AUTOMATIC = 0
    HTML = 1
    PLAIN = 2
    MARKDOWN = 4


def as_html(written: str, format: int = Format.HTML) -> str:
    """What an author wrote, as HTML."""
    if format == Format.PLAIN:
        return "\n".join(
            f"<p>{escape(part)}</p>" for part in PARAGRAPHS.split(written.replace("\r\n", "\n")) if part.strip()
        )
    if format == Format.MARKDOWN:
        return str(MarkdownIt("commonmark").enable("table").render(written))
    return written


def has_text(html: str) -> bool:
    """Whether a reader would see words or a picture."""
    return bool(TAGS.sub("", html))


def line(label: str, value: object) -> str:
    return f"<p>{escape(label)}: {escape(str(value))}</p>"


def moment(label: str, seconds: int) -> str:
    """A line with a date; nothing for a date that was never set."""
    return line(label, f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC") if 0 < seconds < 2**36 else ""


def heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"
