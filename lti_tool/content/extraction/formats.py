"""Which extractor reads which kind of file."""

from collections.abc import Callable
from pathlib import Path

from lti_tool.content.extraction import docx, html, markdown, odt, pptx, scanned, text
from lti_tool.content.extraction.sections import Section
from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType

VERSION = 2
"""Raise it when an extractor or the chunking changes: the nightly task then indexes every older document again."""

Told = Callable[[int, int], None]
"""Hears how many of how many pages are read, where a file is read page by page."""

EXTRACTORS: dict[MediaType, Callable[[str], list[Section]]] = {
    MediaType.DOCX: docx.extract,
    MediaType.PPTX: pptx.extract,
    MediaType.ODT: odt.extract,
    MediaType.HTML: html.extract,
    MediaType.MARKDOWN: markdown.extract,
    MediaType.TEXT: text.extract,
}
PAGED = {MediaType.PDF: "page", MediaType.PPTX: "slide"}


def extract(path: Path, media_type: MediaType, told: Told = lambda done, total: None) -> list[Section]:
    """Read the file in the limited process; raises InvalidInput with a sentence for the person who sent it."""
    if media_type is MediaType.PDF:
        return scanned.extract(path, told)
    return sandbox.run(EXTRACTORS[media_type], str(path))
