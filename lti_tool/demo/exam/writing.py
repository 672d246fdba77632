"""From a printed booklet to what the scanner makes of it: number, bubbles, answers, and a sheet that lies askew."""

import io
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from lti_tool.demo.exam.answers import Sheet
from lti_tool.scans.sheets.layout import BUBBLE, BUBBLE_PITCH, BUBBLES_TOP, bubbles, number_boxes

DPI = 150
MILLIMETRE = DPI / 25.4
INK, PENCIL, PAPER = 60, 70, 255
LEFT, LINE, LETTERS = 22.0, 7.5, 72
UNDER_BUBBLES, UNDER_HEAD = BUBBLES_TOP + 10 * BUBBLE_PITCH + 8, 45.0
QUALITY = 70


@dataclass(frozen=True, kw_only=True)
class Written:
    """One booklet and who wrote on it; `bubbled` is the number whose bubbles they filled."""

    sheet: Sheet
    number: str
    bubbled: str
    tilt: float


def scanned(printed: bytes, booklets: Sequence[Written]) -> bytes:
    """The pile as one PDF; `printed` holds two pages a booklet, in the order of the booklets."""
    document = pypdfium2.PdfDocument(printed)
    pages: list[Image.Image] = []
    for place, booklet in enumerate(booklets):
        pages += _scans(_drawn(document, 2 * place), _drawn(document, 2 * place + 1), booklet)
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, quality=QUALITY)
    return out.getvalue()


def _scans(cover: Image.Image, second: Image.Image, booklet: Written) -> Iterator[Image.Image]:
    _write_number(cover, booklet.number)
    _fill_bubbles(cover, booklet.bubbled)
    _write(cover, booklet.sheet.first, UNDER_BUBBLES)
    _write(second, booklet.sheet.second, UNDER_HEAD)
    sheets = [cover] if booklet.sheet.lost_page else [cover, second]
    for sheet in sheets:
        turn = booklet.tilt + (180 if booklet.sheet.is_upside_down else 0)
        yield sheet.rotate(turn, Image.Resampling.BICUBIC, fillcolor=PAPER)
    if booklet.sheet.blank_behind:
        yield Image.new("L", cover.size, PAPER)


def _drawn(document: pypdfium2.PdfDocument, place: int) -> Image.Image:
    page: Image.Image = document[place].render(scale=DPI / 72).to_pil().convert("L")
    return page


def _write_number(page: Image.Image, number: str) -> None:
    """A 1 is a stroke, as most people write it: the letters of a font give it a flag, which reads like a 7."""
    draw = ImageDraw.Draw(page)
    for box, digit in zip(number_boxes(len(number)), number, strict=True):
        across, down = (middle * MILLIMETRE for middle in box.centre)
        if digit == "1":
            tall, lean = 2.6 * MILLIMETRE, 0.4 * MILLIMETRE
            draw.line([(across + lean, down - tall), (across - lean, down + tall)], INK, round(0.6 * MILLIMETRE))
        else:
            draw.text((across, down), digit, fill=INK, font=_pen(6.5), anchor="mm")


def _fill_bubbles(page: Image.Image, number: str) -> None:
    draw, radius = ImageDraw.Draw(page), BUBBLE / 2 * 0.9
    for column, digit in zip(bubbles(len(number)), number, strict=True):
        across, down = column[int(digit)].centre
        draw.ellipse([(middle + side * radius) * MILLIMETRE for side in (-1, 1) for middle in (across, down)], PENCIL)


def _write(page: Image.Image, text: str, top: float) -> None:
    draw, down = ImageDraw.Draw(page), top
    for paragraph in text.split("\n"):
        for line in textwrap.wrap(paragraph, LETTERS) or [""]:
            draw.text((LEFT * MILLIMETRE, down * MILLIMETRE), line, fill=INK, font=_pen(4.6))
            down += LINE


def _pen(millimetres: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(millimetres * MILLIMETRE)
