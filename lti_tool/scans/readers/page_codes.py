"""Find the page codes of a scanned page: plain first, then through filters that undo noise, blur and folds (4.1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from lti_tool.scans.readers.ink import Grey

VERSION = f"zxing-cpp {version('zxing-cpp')}"
FORMATS = zxingcpp.barcode_formats_from_str("QRCode")
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A symbol on the page: its text, and its corners in dots from its own top left one, clockwise."""

    text: str
    corners: tuple[Point, Point, Point, Point]

    @property
    def centre(self) -> Point:
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4

    def moved(self, left: float, top: float) -> "Symbol":
        a, b, c, d = ((x + left, y + top) for x, y in self.corners)
        return Symbol(text=self.text, corners=(a, b, c, d))


def symbols_on(page: Grey, is_ours: Callable[[str], bool]) -> list[Symbol]:
    """The symbols whose text is ours, by the first filter that shows one; empty where none does."""
    for scale, filtered in _ladder(page):
        found = [symbol for symbol in _read(filtered, scale) if is_ours(symbol.text)]
        if found:
            return found
    return []


def _read(page: Grey, scale: float) -> Iterator[Symbol]:
    for barcode in zxingcpp.read_barcodes(page, formats=FORMATS):
        place = barcode.position
        a, b, c, d = (
            (point.x / scale, point.y / scale)
            for point in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        )
        yield Symbol(text=barcode.text, corners=(a, b, c, d))


def _ladder(page: Grey) -> Iterator[tuple[float, Grey]]:
    """The page as it is and filtered, each with its scale; later filters are only made where earlier ones failed."""
    yield 1, page
    image = Image.fromarray(page)
    yield 1, np.asarray(image.filter(ImageFilter.MedianFilter(3)))
    yield 1, np.asarray(image.filter(ImageFilter.GaussianBlur(1)))
    yield 1, np.where(page > (int(page.min()) + int(page.max())) // 2, 255, 0).astype(np.uint8)
    yield 2, np.asarray(image.resize((page.shape[1] * 2, page.shape[0] * 2), Image.Resampling.BICUBIC))
    half = image.filter(ImageFilter.MedianFilter(3)).resize((page.shape[1] // 2, page.shape[0] // 2))
    yield 0.5, np.asarray(half)
    yield 1, np.asarray(image.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MinFilter(3)))
    yield 1, np.asarray(image.filter(ImageFilter.MedianFilter(5)))
