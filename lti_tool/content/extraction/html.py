"""Text of a web page: what a reader sees, under its headings."""

from pathlib import Path

from bs4 import BeautifulSoup, Tag

from lti_tool.content.extraction.sections import Outline, Section, checked
from lti_tool.content.extraction.text import decoded

UNREAD = ("script", "style", "template", "noscript", "nav", "head", "svg", "iframe", "object", "form", "button")
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = ("p", "li", "dt", "dd", "pre", "blockquote", "figcaption", "summary", "address")


def extract(path: str) -> list[Section]:
    return checked(sections_of(decoded(Path(path).read_bytes())))


def sections_of(html: str) -> list[Section]:
    """Also for pages that come from Moodle as text."""
    page = BeautifulSoup(html, "lxml")
    for unread in page(UNREAD):
        unread.decompose()
    outline = Outline()
    _walk(page, outline)
    return outline.end()


def _walk(parent: Tag, outline: Outline) -> None:
    loose: list[str] = []
    for child in parent.children:
        if not isinstance(child, Tag):
            loose.append(str(child))
        elif _is_block(child):
            _flush(loose, outline)
            _add(child, outline)
        else:
            loose.append("\n" if child.name == "br" else child.get_text())
    _flush(loose, outline)


def _is_block(tag: Tag) -> bool:
    return tag.name in HEADINGS or tag.name in BLOCKS or tag.name == "table" or tag.find(BLOCK_NAMES) is not None


BLOCK_NAMES = [*HEADINGS, *BLOCKS, "table", "div", "section", "article", "ul", "ol"]


def _add(tag: Tag, outline: Outline) -> None:
    if tag.name in HEADINGS:
        outline.heading(HEADINGS[tag.name], tag.get_text(" "))
    elif tag.name == "table":
        outline.table([[cell.get_text(" ") for cell in row(["th", "td"])] for row in tag("tr")])
    elif tag.name == "pre":
        outline.text(tag.get_text())
    else:
        _walk(tag, outline)


def _flush(loose: list[str], outline: Outline) -> None:
    outline.text("".join(loose))
    loose.clear()
