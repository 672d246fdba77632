"""Text of a PDF, page by page, under the bookmarks of its outline, with what it says of its pictures."""

import re
from collections import defaultdict

import pikepdf
import pypdfium2

from lti_tool.content.extraction.sections import Outline, Section, checked, picture_text, tidy

# PDFium marks a hyphen at a line's end by one of these; other writers leave a plain one.
BROKEN_WORD = re.compile(r"(?<=\w)(?:[\x02\ufffe]|-(?=\n[a-zß-ÿ]))\n?(?=\w)|(?<=\w)-\n(?=[a-zß-ÿ])")
MOST_ELEMENTS = 100_000
"""Of the structure of one document; what lies behind is not read."""


def sections_of(path: str, texts: list[str]) -> list[Section]:
    """One section a page: these texts, under the headings that the file has for them. In the limited process only."""
    bookmarks, pictures = _bookmarks(path), _pictures(path)
    sections: list[Section] = []
    heading = ""
    for number, text in enumerate(texts, start=1):
        heading = bookmarks.get(number, heading)
        outline = Outline(page=number)
        outline.heading(1, heading)
        outline.text(BROKEN_WORD.sub("", text))
        outline.text("\n".join(pictures[number]))
        sections += outline.end()
    return checked(sections)


def _bookmarks(path: str) -> dict[int, str]:
    """The last bookmark that points to each page."""
    found = {}
    with pypdfium2.PdfDocument(path) as document:
        for bookmark in document.get_toc(max_depth=4):
            target = bookmark.get_dest()
            if target is not None and target.get_index() is not None:
                found[target.get_index() + 1] = tidy(bookmark.get_title())
    return found


def _pictures(path: str) -> defaultdict[int, list[str]]:
    """The descriptions that a tagged PDF carries for those who do not see its pictures, by page."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    with pikepdf.open(path) as document:
        root = document.Root.get("/StructTreeRoot")
        if not isinstance(root, pikepdf.Dictionary):
            return found
        numbers = {page.obj.objgen: number for number, page in enumerate(document.pages, start=1)}
        for element, page in _elements(root):
            described = picture_text(str(element.get("/Alt", "")))
            if described and page in numbers:
                found[numbers[page]].append(described)
    return found


def _elements(root: pikepdf.Dictionary) -> list[tuple[pikepdf.Dictionary, tuple[int, int]]]:
    """Every element of the structure in its order, with its page, or its parent's where it names none."""
    found: list[tuple[pikepdf.Dictionary, tuple[int, int]]] = []
    waiting = [(root, (0, 0))]
    while waiting and len(found) < MOST_ELEMENTS:
        element, page = waiting.pop()
        if "/Pg" in element:
            page = element.Pg.objgen
        found.append((element, page))
        children = element.get("/K")
        each: list[object] = list(children) if isinstance(children, pikepdf.Array) else [children]
        waiting += [(child, page) for child in reversed(each) if isinstance(child, pikepdf.Dictionary)]
    return found
