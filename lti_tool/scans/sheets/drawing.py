"""Draw what is printed: booklets and stickers as one PDF, a pile of pages at a time in the limited process.

What readers must find again stands in one drawing a page, in millimetres of layout.py; words stand around it.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pikepdf
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from lti_tool.config import PROJECT_ROOT
from lti_tool.files import sandbox
from lti_tool.files.drawing import draw
from lti_tool.scans.sheets import layout
from lti_tool.scans.sheets.models import SheetKind
from lti_tool.site_settings.patterns import N_

SHEET = PROJECT_ROOT / "static" / "css" / "sheets.css"
AT_ONCE = 120
"""Pages that one limited process draws; the pieces are then put together."""
LIMITS = sandbox.Limits(memory=2 * 1024**3, cpu_seconds=80)
ERROR_LEVEL, VERSION = "q", 2
STICKERS_A_PAGE = 21
RULES = range(48, 262, 9)
"""Where the lines to write on stand, in millimetres from the top."""
COVER_RULES = range(150, 262, 9)


SHEET_WORDS = {
    "name": N_("Name"),
    "place": N_("Room, seat"),
    "signature": N_("Signature"),
    "number": N_("Register number"),
    "how": N_("Write one digit in each box, and fill the bubble of the same digit below it."),
    "continues": N_("Continues the booklet of (name, code)"),
    "further": N_("Further sheet"),
}
"""What stands on the sheets, to be translated for who orders them."""


@dataclass(frozen=True, kw_only=True)
class PrintedSheet:
    """One booklet, sticker or further sheet; `codes` has the text and the readable form of each page's code."""

    kind: SheetKind
    codes: Sequence[tuple[str, str]]
    name: str = ""
    first: int = 1
    pages: int = 0


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What every page says about the exam, and how many boxes a register number needs."""

    course: str
    title: str
    subject: str
    digits: int
    language: str
    words: Mapping[str, str]


def drawn(sheets: Sequence[PrintedSheet], heading: Heading) -> bytes:
    """The PDF of all sheets in their order."""
    with pikepdf.new() as whole:
        for piece in pieces_of(sheets):
            content = pdf_of(html_of(piece, heading))
            with pikepdf.open(io.BytesIO(content)) as part:
                whole.pages.extend(part.pages)
        written = io.BytesIO()
        whole.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def pdf_of(html: str) -> bytes:
    """What is printed on paper needs no tags. Raises InvalidInput where it is too long, or Pango is missing."""
    return base64.b64decode(sandbox.run_within(LIMITS, draw, html, str(SHEET), has_tags=False))


def html_of(sheets: Sequence[PrintedSheet], heading: Heading) -> str:
    """The page that is drawn: stickers on label sheets, everything else on pages of its own."""
    stickers = [sheet for sheet in sheets if sheet.kind is SheetKind.LABEL]
    return _pages().render(
        heading=heading,
        layout=layout,
        boxes=layout.number_boxes(heading.digits),
        bubbles=layout.bubbles(heading.digits),
        rules=RULES,
        cover_rules=COVER_RULES,
        symbol=symbol,
        booklets=[sheet for sheet in sheets if sheet.kind is not SheetKind.LABEL],
        sticker_pages=[stickers[start : start + STICKERS_A_PAGE] for start in range(0, len(stickers), STICKERS_A_PAGE)],
    )


def symbol(text: str, area: layout.Area) -> Markup:
    """A code as one path that fills the area, without the quiet border around it."""
    code = segno.make(text, error=ERROR_LEVEL, version=VERSION, micro=False, boost_error=False)
    module = area.width / len(code.matrix)
    runs = (
        f"M{area.left + start * module:.3f} {area.top + row * module:.3f}h{length * module:.3f}v{module:.3f}"
        f"h{-length * module:.3f}z"
        for row, modules in enumerate(code.matrix)
        for start, length in _runs(modules)
    )
    return Markup('<path d="{}"/>').format("".join(runs))


def _runs(modules: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin that stand side by side, and how many there are."""
    start, length = 0, 0
    for place, is_dark in enumerate((*modules, 0)):
        if is_dark:
            start, length = (start, length + 1) if length else (place, 1)
        elif length:
            yield start, length
            length = 0


def pieces_of(sheets: Sequence[PrintedSheet]) -> Iterator[list[PrintedSheet]]:
    """As many sheets as one process draws, a long booklet in parts; stickers fill whole label sheets."""
    piece: list[PrintedSheet] = []
    weight = 0
    for sheet in (part for whole in sheets for part in _parts(whole)):
        size = len(sheet.codes)
        if piece and (weight + size > AT_ONCE // STICKERS_A_PAGE * STICKERS_A_PAGE):
            yield piece
            piece, weight = [], 0
        piece.append(sheet)
        weight += size
    if piece:
        yield piece


def _parts(sheet: PrintedSheet) -> Iterator[PrintedSheet]:
    for start in range(0, len(sheet.codes), AT_ONCE - STICKERS_A_PAGE):
        codes = sheet.codes[start : start + AT_ONCE - STICKERS_A_PAGE]
        yield replace(sheet, codes=codes, first=start + 1, pages=len(sheet.codes))


@cache
def _pages() -> Template:
    folder = FileSystemLoader(PROJECT_ROOT / "templates")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("scans/sheets/print.html")
