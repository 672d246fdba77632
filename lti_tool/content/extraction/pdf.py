"""Text of a PDF, page by page, under the bookmarks of its outline."""

import re

import pypdfium2

from lti_tool.content.extraction.sections import Outline, Section, checked, tidy
from lti_tool.errors import InvalidInput
from lti_tool.files.pdf import page_texts

# PDFium marks a hyphen at a line's end by one of these; other writers leave a plain one.
BROKEN_WORD = re.compile(r"(?<=\w)(?:[\x02\ufffe]|-(?=\n[a-zß-ÿ]))\n?(?=\w)|(?<=\w)-\n(?=[a-zß-ÿ])")


def extract(path: str) -> list[Section]:
    """One section a page."""
    bookmarks = _bookmarks(path)
    sections: list[Section] = []
    heading = ""
    for number, text in enumerate(page_texts(path), start=1):
        heading = bookmarks.get(number, heading)
        outline = Outline(page=number)
        outline.heading(1, heading)
        outline.text(BROKEN_WORD.sub("", text))
        sections += outline.end()
    if not sections:
        raise InvalidInput(
            "no_text_layer", "This PDF holds pictures of pages only. Run text recognition on it, then send it again."
        )
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
