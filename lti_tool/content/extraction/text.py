"""Plain text in whatever encoding it came."""

import codecs
from pathlib import Path

from lti_tool.content.extraction.sections import Outline, Section, checked


def extract(path: str) -> list[Section]:
    outline = Outline()
    outline.text(decoded(Path(path).read_bytes()))
    return checked(outline.end())


def decoded(content: bytes) -> str:
    """By its byte order mark, else as UTF-8, else as an old Windows text; never with NUL characters."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
