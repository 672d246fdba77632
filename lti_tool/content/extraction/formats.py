"""Which extractor reads which kind of file."""

from collections.abc import Callable
from pathlib import Path

from lti_tool.content.extraction import docx, html, markdown, pdf, pptx, text
from lti_tool.content.extraction.sections import Section
from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType

VERSION = 1
"""Raise it when an extractor or the chunking changes: the nightly task then indexes every older document again."""

EXTRACTORS: dict[MediaType, Callable[[str], list[Section]]] = {
    MediaType.PDF: pdf.extract,
    MediaType.DOCX: docx.extract,
    MediaType.PPTX: pptx.extract,
    MediaType.HTML: html.extract,
    MediaType.MARKDOWN: markdown.extract,
    MediaType.TEXT: text.extract,
}
PAGED = {MediaType.PDF: "page", MediaType.PPTX: "slide"}


def extract(path: Path, media_type: MediaType) -> list[Section]:
    """Read the file in the limited process; raises InvalidInput with a sentence for the person who sent it."""
    return sandbox.run(EXTRACTORS[media_type], str(path))
