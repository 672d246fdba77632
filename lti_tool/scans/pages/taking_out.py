"""Take the picture of each page out of an original, and measure it. Runs in the limited process only (scans.md 4.6).

A page that is one JPEG keeps its bytes; everything else is drawn at 200 dots per inch. A page that cannot be drawn
says so by itself: the other pages of the file go on.
"""

import hashlib
import io
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from lti_tool.files.images import MOST_PIXELS

DOTS_PER_INCH = 200
LONGEST_SIDE = 3500
"""300 dots per inch of an A4 page: more tells no reader more."""
QUALITY = 85
MEASURED_WIDTH = 620
DARKER_BY = 60
HASHED_SIDE = 64
FREQUENCIES = 16
PLAIN = frozenset({"L", "RGB"})
UNREADABLE = (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError)
UNREADABLE_PDF = (*UNREADABLE, pikepdf.PdfError, pypdfium2.PdfiumError, KeyError, TypeError)


def take_out(path: str, is_pdf: bool, numbers: list[int], folder: str) -> list[dict[str, Any]]:
    """Write `<number>.jpg` for each page; its hashes, ink and rotation, or its number alone where it is damaged."""
    return _from_pdf(path, numbers, Path(folder)) if is_pdf else _from_pictures(path, numbers, Path(folder))


def _from_pdf(path: str, numbers: list[int], folder: Path) -> list[dict[str, Any]]:
    with pikepdf.open(path) as document, pypdfium2.PdfDocument(path) as drawn:
        return [_page_of_pdf(document, drawn, number, folder) for number in numbers]


def _page_of_pdf(document: pikepdf.Pdf, drawn: pypdfium2.PdfDocument, number: int, folder: Path) -> dict[str, Any]:
    try:
        page = document.pages[number - 1]
        jpeg = _only_jpeg(page)
        if jpeg is not None:
            return _measured(jpeg, number, folder, rotation=int(page.get("/Rotate", 0)) % 360)
        return _drawn(_render(drawn[number - 1]), number, folder)
    except UNREADABLE_PDF:
        return {"number": number}


def _only_jpeg(page: pikepdf.Page) -> bytes | None:
    """The page's JPEG where the page is nothing but this one picture."""
    resources: Any = page.get("/Resources", {})
    objects = dict(resources.get("/XObject", {}))
    if resources.get("/Font") or len(objects) != 1:
        return None
    (picture,) = objects.values()
    if picture.get("/Subtype") != pikepdf.Name.Image or picture.get("/Filter") != pikepdf.Name.DCTDecode:
        return None
    jpeg = bytes(picture.read_raw_bytes())
    return jpeg if _is_plain(jpeg) else None


def _is_plain(jpeg: bytes) -> bool:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        turned = image.getexif().get(0x0112, 1) != 1
        return image.mode in PLAIN and _fits(image) and not turned and max(image.size) <= LONGEST_SIDE


def _render(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = (max(length, 1.0) for length in page.get_size())
    scale = min(DOTS_PER_INCH / 72, LONGEST_SIDE / max(width, height), sqrt(MOST_PIXELS / (width * height)))
    bitmap = page.render(scale=scale)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    bitmap.close()
    page.close()
    return image


def _from_pictures(path: str, numbers: list[int], folder: Path) -> list[dict[str, Any]]:
    with Image.open(path, formats=("JPEG", "PNG", "TIFF")) as image:
        return [_page_of_picture(image, Path(path), number, folder) for number in numbers]


def _page_of_picture(image: Image.Image, path: Path, number: int, folder: Path) -> dict[str, Any]:
    try:
        image.seek(number - 1)
        if not _fits(image):
            return {"number": number}
        if image.format == "JPEG" and _is_plain(jpeg := path.read_bytes()):
            return _measured(jpeg, number, folder)
        upright = ImageOps.exif_transpose(image)
        return _drawn(upright.convert("L" if upright.mode in {"1", "L"} else "RGB"), number, folder)
    except (*UNREADABLE, EOFError):
        return {"number": number}


def _fits(image: Image.Image) -> bool:
    return image.width * image.height <= MOST_PIXELS


def _drawn(image: Image.Image, number: int, folder: Path) -> dict[str, Any]:
    """A page without bytes of its own is known by its points, so that saving a file anew makes no new page."""
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    points = hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).hexdigest()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return _measured(written.getvalue(), number, folder, sha256=points)


def _measured(jpeg: bytes, number: int, folder: Path, *, rotation: int = 0, sha256: str = "") -> dict[str, Any]:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        image.draft("L", (MEASURED_WIDTH, MEASURED_WIDTH))
        grey = image.convert("L")
    (folder / f"{number}.jpg").write_bytes(jpeg)
    return {
        "number": number,
        "sha256": sha256 or hashlib.sha256(jpeg).hexdigest(),
        "phash": perceptual_hash(grey),
        "ink": ink(grey),
        "rotation": rotation if rotation % 90 == 0 else 0,
    }


def ink(grey: Image.Image) -> int:
    """Dark points among 100,000, without the edges, where scanners leave shadows."""
    height = max(1, round(MEASURED_WIDTH * grey.height / max(grey.width, 1)))
    points = np.asarray(grey.resize((MEASURED_WIDTH, min(height, 4 * MEASURED_WIDTH)), Image.Resampling.BOX))
    inner = points[points.shape[0] // 20 : -(points.shape[0] // 20) or None, 31:-31].astype(np.int16)
    if inner.size == 0:
        return 0
    return round(100_000 * float((inner < np.median(inner) - DARKER_BY).mean()))


def perceptual_hash(grey: Image.Image) -> str:
    """255 signs of the lowest frequencies and a zero, as 64 hexadecimal digits."""
    small = np.asarray(grey.resize((HASHED_SIDE, HASHED_SIDE), Image.Resampling.BOX), dtype=np.float64)
    steps = np.arange(HASHED_SIDE)
    waves = np.cos(np.pi / HASHED_SIDE * (steps[None, :] + 0.5) * np.arange(FREQUENCIES)[:, None])
    spectrum = (waves @ small @ waves.T).ravel()[1:]
    bits = np.append(spectrum > np.median(spectrum), False)
    return np.packbits(bits).tobytes().hex()
