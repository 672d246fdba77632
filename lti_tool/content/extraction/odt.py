"""Text of an OpenDocument text file: paragraphs, lists and tables in their order, under its headings."""

import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from lti_tool.content.extraction.sections import Outline, Section, checked

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
LEFT_OUT = frozenset({f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}annotation-end"})
"""What was deleted and what was remarked is not the text."""
MOST_SPACES = 100
SPACE = re.compile(r"[ \t\r\n]+")
"""Line ends in the XML are no line ends of the text."""


def extract(path: str) -> list[Section]:
    outline = Outline()
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml")
    # No entities and no network: the file comes from a stranger.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    body = etree.fromstring(content, parser).find(f"{OFFICE}body/{OFFICE}text")
    if body is not None:
        _add(outline, body)
    return checked(outline.end())


def _add(outline: Outline, parent: etree._Element) -> None:
    for element in parent:
        if element.tag in LEFT_OUT:
            continue
        if element.tag == f"{TEXT}h":
            outline.heading(int(element.get(f"{TEXT}outline-level") or 1), _words(element))
        elif element.tag == f"{TEXT}p":
            outline.text(_words(element))
        elif element.tag == f"{TABLE}table":
            rows = [_cells(row) for row in element.iter(f"{TABLE}table-row")]
            outline.table(rows, has_header=element.find(f"{TABLE}table-header-rows") is not None)
        else:
            _add(outline, element)


def _cells(row: etree._Element) -> list[str]:
    cells = row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
    return ["\n".join(_words(paragraph) for paragraph in cell.iter(f"{TEXT}p")) for cell in cells]


def _words(element: etree._Element) -> str:
    return "".join(_pieces(element)).strip()


def _pieces(element: etree._Element) -> Iterator[str]:
    """Spaces, tabs and line ends are elements of their own."""
    yield SPACE.sub(" ", element.text or "")
    for child in element:
        if child.tag == f"{TEXT}s":
            yield " " * min(int(child.get(f"{TEXT}c") or 1), MOST_SPACES)
        elif child.tag == f"{TEXT}tab":
            yield "\t"
        elif child.tag == f"{TEXT}line-break":
            yield "\n"
        elif child.tag not in LEFT_OUT and isinstance(child.tag, str):
            yield from _pieces(child)
        yield SPACE.sub(" ", child.tail or "")
