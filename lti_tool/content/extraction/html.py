"""Text of a web page: what a reader sees, under its headings, and what a screen reader says of pictures."""

from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from lti_tool.content.extraction.sections import Outline, Rows, Section, checked, picture_text
from lti_tool.content.extraction.text import decoded

UNREAD = ("script", "style", "template", "noscript", "nav", "head", "svg", "iframe", "object", "form", "button")
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = ("p", "li", "dt", "dd", "pre", "blockquote", "figcaption", "summary", "address", "td", "th", "caption")
MOST_COLUMNS = 100
"""A hostile page may claim that a cell spans a million."""


def extract(path: str) -> list[Section]:
    return checked(sections_of(decoded(Path(path).read_bytes())))


def sections_of(html: str) -> list[Section]:
    """Also for pages that come from Moodle as text."""
    page = BeautifulSoup(html, "lxml")
    for unread in page(UNREAD):
        unread.decompose()
    for picture in page("img"):
        described = picture_text(str(picture.get("alt") or ""))
        picture.replace_with(f" {described} " if described else "")
    outline = Outline()
    _walk(page, outline)
    return outline.end()


def _walk(parent: Tag, outline: Outline) -> None:
    loose: list[str] = []
    for child in parent.children:
        if isinstance(child, PreformattedString):
            # Comments, which editors leave by the page, and the doctype.
            continue
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
        _add_table(tag, outline)
    elif tag.name == "pre":
        outline.text(tag.get_text())
    else:
        _walk(tag, outline)


def _add_table(tag: Tag, outline: Outline) -> None:
    """A table inside of a table is there for the layout: its cells are read as blocks."""
    if tag.find("table"):
        _walk(tag, outline)
        return
    if tag.caption:
        outline.text(tag.caption.get_text(" "))
    rows = tag("tr")
    outline.table(
        _grid(rows), has_header=bool(rows) and (rows[0].find_parent("thead") is not None or not rows[0]("td"))
    )


def _grid(rows: list[Tag]) -> Rows:
    """Texts by row and column; a cell over several rows is repeated in each, one over several columns stands first."""
    grid: Rows = []
    spans: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        for cell in row(["th", "td"]):
            _carry(line, spans)
            text = cell.get_text(" ")
            spans |= {len(line): (down, text)} if (down := _span(cell, "rowspan") - 1) else {}
            line += [text, *[""] * (_span(cell, "colspan") - 1)]
        _carry(line, spans)
        grid.append(line[:MOST_COLUMNS])
    return grid


def _carry(line: list[str], spans: dict[int, tuple[int, str]]) -> None:
    """Add the cells of earlier rows that reach down into this one."""
    while left := spans.pop(len(line), None):
        rows, text = left
        if rows > 1:
            spans[len(line)] = (rows - 1, text)
        line.append(text)


def _span(cell: Tag, name: str) -> int:
    written = str(cell.get(name) or "1")
    return min(max(int(written), 1), MOST_COLUMNS) if written.isdecimal() else 1


def _flush(loose: list[str], outline: Outline) -> None:
    outline.text("".join(loose))
    loose.clear()
