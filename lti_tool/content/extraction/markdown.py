"""Text of a Markdown file: its own source reads well, so only the headings and tables are taken apart."""

from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from lti_tool.content.extraction.sections import Outline, Rows, Section, checked
from lti_tool.content.extraction.text import decoded


def extract(path: str) -> list[Section]:
    return checked(sections_of(decoded(Path(path).read_bytes())))


def sections_of(source: str) -> list[Section]:
    """Also for text that was pasted."""
    lines = source.split("\n")
    outline = Outline()
    start = 0
    for block in SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(source)).children:
        if block.type in ("heading", "table") and block.map:
            outline.text("\n".join(lines[start : block.map[0]]))
            start = block.map[1]
            if block.type == "heading":
                outline.heading(int(block.tag[1]), _inline(block))
            else:
                outline.table(_rows(block), has_header=True)
    outline.text("\n".join(lines[start:]))
    return outline.end()


def _rows(table: SyntaxTreeNode) -> Rows:
    return [[_inline(cell) for cell in row.children] for part in table.children for row in part.children]


def _inline(block: SyntaxTreeNode) -> str:
    return "".join(child.content for child in block.children)
