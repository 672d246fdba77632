"""A PDF whose pages may be pictures: the text layer where there is one, text recognition where there is none."""

import logging
from collections.abc import Callable
from pathlib import Path

from lti_tool.content.extraction import pdf
from lti_tool.content.extraction.recognition import is_installed, recognised
from lti_tool.content.extraction.sections import Section, tidy
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.pdf import page_texts

log = logging.getLogger(__name__)

MOST_SCANNED = 300
"""Pages of one file that are recognised: each costs seconds."""

Recognise = Callable[[Path, int], str]


def extract(path: Path, told: Callable[[int, int], None], recognise: Recognise | None = None) -> list[Section]:
    """Its sections; raises InvalidInput where all pages are pictures and nothing here can read them."""
    recognise = recognise or (recognised if is_installed() else None)
    texts = sandbox.run(page_texts, str(path))
    pictures = [number for number, text in enumerate(texts, start=1) if not tidy(text)]
    read = len(texts) - len(pictures)
    if recognise is not None:
        for number in pictures[:MOST_SCANNED]:
            told(read, len(texts))
            texts[number - 1] = _read(recognise, path, number)
            read += bool(tidy(texts[number - 1]))
    elif len(pictures) == len(texts):
        raise InvalidInput(
            "no_text_layer",
            "This PDF holds pictures of pages only, and text recognition is not installed on this site. "
            "Run text recognition on it, then send it again.",
        )
    told(read, len(texts))
    return sandbox.run(pdf.sections_of, str(path), texts)


def _read(recognise: Recognise, path: Path, number: int) -> str:
    """A page that cannot be read is left empty: the others still serve."""
    try:
        return recognise(path, number)
    except InvalidInput as error:
        log.warning("page_not_recognised", extra={"code": error.code, "page": number})
        return ""
