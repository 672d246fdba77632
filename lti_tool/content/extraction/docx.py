"""Text of a Word file: paragraphs and tables in their order, under its headings."""

import re

import docx
from docx.table import Table

from lti_tool.content.extraction.sections import Outline, Section, checked

HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop) ?([1-9])$", re.I)


def extract(path: str) -> list[Section]:
    outline = Outline()
    for block in docx.Document(path).iter_inner_content():
        if isinstance(block, Table):
            outline.table([[cell.text for cell in row.cells] for row in block.rows])
            continue
        level = _level(block.style.name if block.style else None)
        if level is None:
            outline.text(block.text)
        else:
            outline.heading(level, block.text)
    return checked(outline.end())


def _level(style: str | None) -> int | None:
    """Word stores built-in styles under their English names, other writers under their own."""
    if style and style.lower() == "title":
        return 0
    found = HEADING.match(style or "")
    return int(found.group(1)) if found else None
