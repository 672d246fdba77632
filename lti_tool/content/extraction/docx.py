"""Text of a Word file: paragraphs, tables and the descriptions of pictures in their order, under its headings."""

import re

import docx
from docx.oxml.ns import qn
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from lti_tool.content.extraction.sections import Outline, Section, checked, picture_text

HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop) ?([1-9])$", re.I)
HEADER_ROW = 0x0020
"""Of the flags in w:tblLook/@w:val: the first row is formatted as a header."""


def extract(path: str) -> list[Section]:
    outline = Outline()
    for block in docx.Document(path).iter_inner_content():
        if isinstance(block, Table):
            outline.table([_cells(row) for row in block.rows], has_header=_has_header(block))
            continue
        level = _level(block.style.name if block.style else None)
        if level is None:
            outline.text(_text(block))
        else:
            outline.heading(level, block.text)
    return checked(outline.end())


def _level(style: str | None) -> int | None:
    """Word stores built-in styles under their English names, other writers under their own."""
    if style and style.lower() == "title":
        return 0
    found = HEADING.match(style or "")
    return int(found.group(1)) if found else None


def _text(paragraph: Paragraph) -> str:
    pictures = (picture_text(drawing.get("descr", "")) for drawing in paragraph._p.iter(qn("wp:docPr")))
    return "\n".join(text for text in (paragraph.text, *pictures) if text)


def _cells(row: _Row) -> list[str]:
    """A cell over several columns is given once for each of them by the library: its text stands in the first."""
    texts: list[str] = []
    seen = None
    for cell in row.cells:
        texts.append("" if cell._tc is seen else "\n".join(_text(paragraph) for paragraph in cell.paragraphs))
        seen = cell._tc
    return texts


def _has_header(table: Table) -> bool:
    """As the writer marked it: a row repeated on each page, or a style that sets the first row apart."""
    first = next(iter(table.rows), None)
    if first is None:
        return False
    if first._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None:
        return True
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        return False
    return look.get(qn("w:firstRow")) == "1" or bool(int(look.get(qn("w:val")) or "0", 16) & HEADER_ROW)
