"""Draw a page upright, and its top alone. Runs in the limited process only.

Nothing but Pillow is imported here: the process begins anew for each picture, and a pile has hundreds.
"""

from PIL import Image

from lti_tool.scans.sheets.layout import HEADER_BOTTOM, PAGE_HEIGHT

HEADER_SHARE = 0.22
"""Number, name and subject stand in the top fifth of an answer sheet; the first answer does not."""
PRINTED_SHARE = HEADER_BOTTOM / PAGE_HEIGHT
"""On a printed cover the boxes of the number stand lower, and nothing is answered there."""
WIDTH = 1240
QUALITY = 60
HEADER_QUALITY = 70


def upright(source: str, target: str, rotation: int) -> list[int]:
    """The whole page; `rotation` is clockwise, as PDF says it."""
    with Image.open(source, formats=("JPEG", "WEBP")) as image:
        image.draft(None, (WIDTH, WIDTH))
        turned = image.convert("RGB").rotate(-rotation, expand=True)
    turned.thumbnail((WIDTH, 4 * WIDTH))
    turned.save(target, "WEBP", quality=QUALITY, method=2)
    return list(turned.size)


def header(page: str, target: str, _rotation: int) -> list[int]:
    """The top of a page that is upright already."""
    return _strip(page, target, HEADER_SHARE)


def cover(page: str, target: str, _rotation: int) -> list[int]:
    """The top of a printed cover that is upright already."""
    return _strip(page, target, PRINTED_SHARE)


def tops(pages: list[tuple[str, int, bool]], folder: str) -> int:
    """Each page upright and its top, as `<place>-view.webp` and `<place>-top.webp`: many in one process."""
    for place, (source, rotation, is_cover) in enumerate(pages):
        view = f"{folder}/{place}-view.webp"
        upright(source, view, rotation)
        (cover if is_cover else header)(view, f"{folder}/{place}-top.webp", 0)
    return len(pages)


def _strip(page: str, target: str, share: float) -> list[int]:
    with Image.open(page, formats=("WEBP",)) as image:
        strip = image.crop((0, 0, image.width, max(1, round(image.height * share))))
        strip.save(target, "WEBP", quality=HEADER_QUALITY, method=4)
    return list(strip.size)
