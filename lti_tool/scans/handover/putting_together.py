"""Put the pictures of a paper's pages into one PDF, upright. Runs in the limited process only.

A JPEG goes in as it was scanned and is turned by the page's /Rotate: nothing is compressed twice. The same pictures
give the same bytes, so that a second run stores nothing new.
"""

import io

import pikepdf
from PIL import Image

A4_HEIGHT = 842
"""Points of the longer side: pictures do not say how large the paper was."""
QUALITY = 85
COLOURS = {"L": pikepdf.Name.DeviceGray, "RGB": pikepdf.Name.DeviceRGB}


def put_together(pages: list[tuple[str, int]], target: str) -> int:
    """Write the PDF of these (picture, clockwise rotation) to `target`; how many pages it has."""
    with pikepdf.new() as document:
        for path, rotation in pages:
            _add_page(document, path, rotation)
        document.save(target, deterministic_id=True)
    return len(pages)


def _add_page(document: pikepdf.Pdf, path: str, rotation: int) -> None:
    jpeg, (width, height), colour = _jpeg_of(path)
    scale = A4_HEIGHT / max(width, height)
    page = document.add_blank_page(page_size=(round(width * scale, 2), round(height * scale, 2)))
    picture = document.make_stream(
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=colour,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    drawing = f"q {width * scale:.2f} 0 0 {height * scale:.2f} 0 0 cm /Scan Do Q"
    page.Contents = document.make_stream(drawing.encode())
    if rotation:
        page.Rotate = rotation


def _jpeg_of(path: str) -> tuple[bytes, tuple[int, int], pikepdf.Name]:
    """The file itself where it is a plain JPEG; pages older than their pictures are drawn as WebP."""
    with Image.open(path, formats=("JPEG", "WEBP")) as image:
        if image.format == "JPEG" and image.mode in COLOURS:
            with open(path, "rb") as file:
                return file.read(), image.size, COLOURS[image.mode]
        plain, written = image.convert("RGB"), io.BytesIO()
    plain.save(written, "JPEG", quality=QUALITY)
    return written.getvalue(), plain.size, COLOURS["RGB"]
