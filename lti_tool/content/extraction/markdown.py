"""Text of a Markdown file: its own source reads well, so only the headings are taken apart."""

from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from lti_tool.content.extraction.sections import Outline, Section, checked
from lti_tool.content.extraction.text import decoded


def extract(path: str) -> list[Section]:
    source = decoded(Path(path).read_bytes())
    lines = source.split("\n")
    outline = Outline()
    start = 0
    tokens = MarkdownIt("commonmark").parse(source)
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.map and opening.level == 0:
            outline.text("\n".join(lines[start : opening.map[0]]))
            outline.heading(int(opening.tag[1]), content.content)
            start = opening.map[1]
    outline.text("\n".join(lines[start:]))
    return checked(outline.end())
