"""Text that a file holds and its readers do not see: white on white, too small, outside of the page, marked as hidden.

In a PDF the drawn page decides: where a run of letters stands and nothing stands out from what is behind it, nobody
reads it, however that was done. An invisible text layer over a scan is no such run: there the picture shows the words.
A Word file says it of each run. Every function runs in the limited process only (files/sandbox.py).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

import docx
import pypdfium2
import pypdfium2.raw as pdfium
from docx.oxml.ns import qn
from PIL import Image

from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType

SCALE = 2.0
MOST_PIXELS = 16_000_000
LEAST_CONTRAST = 24
"""Of 255 steps of grey: the lightest grey that people still make out on white differs by more."""
SMALLEST_POINTS = 2.0
LETTERS = 3
"""Fewer hidden letters in a row are an accident of the writer's program."""
MOST_PAGES = 200
MOST_FOUND = 200
WHITE = frozenset({"FFFFFF", "FEFEFE", "FDFDFD", "FCFCFC"})


class Concealed(TypedDict):
    """One run of hidden letters; JSON, for it leaves the limited process."""

    page: int | None
    text: str


def concealed_in(path: Path, media_type: MediaType) -> list[Concealed]:
    """What readers of the file do not see, where its kind lets us tell; raises InvalidInput as extraction does."""
    find = FINDERS.get(media_type)
    return sandbox.run(find, str(path)) if find else []


def in_pdf(path: str) -> list[Concealed]:
    found: list[Concealed] = []
    with pypdfium2.PdfDocument(path) as document:
        for number in range(1, min(len(document), MOST_PAGES) + 1):
            page = document[number - 1]
            texts = page.get_textpage()
            found += [Concealed(page=number, text=text) for text in _hidden_runs(page, texts)]
            texts.close()
            page.close()
    return found[:MOST_FOUND]


def in_word(path: str) -> list[Concealed]:
    found: list[Concealed] = []
    waiting: list[str] = []
    for element in docx.Document(path).element.body.iter(qn("w:r"), qn("w:p")):
        if element.tag == qn("w:r") and _is_hidden(element):
            waiting.append(element.text)
            continue
        found += _joined(waiting)
        waiting = []
    return [*found, *_joined(waiting)][:MOST_FOUND]


FINDERS: dict[MediaType, Callable[[str], list[Concealed]]] = {MediaType.PDF: in_pdf, MediaType.DOCX: in_word}


def _hidden_runs(page: Any, texts: Any) -> Iterator[str]:
    """Neighbouring letters that the drawn page does not show."""
    width, height = page.get_size()
    scale = min(SCALE, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    drawn = bitmap.to_pil().convert("L")
    run: list[str] = []
    for index in range(texts.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(texts, index))
        if letter.isspace():
            run += [letter] if run else []
        elif _is_unseen(texts, index, drawn, height, scale):
            run.append(letter)
        else:
            yield from _enough(run)
            run = []
    bitmap.close()
    yield from _enough(run)


def _enough(run: list[str]) -> Iterator[str]:
    text = " ".join("".join(run).split())
    if sum(letter.isalnum() for letter in text) >= LETTERS:
        yield text


def _is_unseen(texts: Any, index: int, drawn: Image.Image, height: float, scale: float) -> bool:
    left, bottom, right, top = texts.get_charbox(index, loose=True)
    if top - bottom < SMALLEST_POINTS:
        return True
    box = (
        max(round(left * scale) - 1, 0),
        max(round((height - top) * scale) - 1, 0),
        min(round(right * scale) + 1, drawn.width),
        min(round((height - bottom) * scale) + 1, drawn.height),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return True
    greys = drawn.crop(box).tobytes()
    return max(greys) - min(greys) < LEAST_CONTRAST


def _is_hidden(run: Any) -> bool:
    """By its own properties: a style that hides is as good as never seen in work that was handed in."""
    properties = run.find(qn("w:rPr"))
    if properties is None:
        return False
    if _is_on(properties.find(qn("w:vanish"))):
        return True
    size, colour = properties.find(qn("w:sz")), properties.find(qn("w:color"))
    if size is not None and _half_points(size) <= 2 * SMALLEST_POINTS:
        return True
    is_white = colour is not None and (colour.get(qn("w:val")) or "").upper() in WHITE
    return is_white and properties.find(qn("w:shd")) is None and properties.find(qn("w:highlight")) is None


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(qn("w:val")) not in {"0", "false", "off"}


def _half_points(size: Any) -> float:
    value = size.get(qn("w:val")) or ""
    return float(value) if value.replace(".", "", 1).isdigit() else 100.0


def _joined(waiting: list[str]) -> list[Concealed]:
    text = " ".join("".join(waiting).split())
    return [Concealed(page=None, text=text)] if sum(letter.isalnum() for letter in text) >= LETTERS else []
