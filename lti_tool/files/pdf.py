"""What can be taken from a PDF: number of pages, text of each page, picture of a page (scans.md 4.6).

Every function takes a path and runs in the limited process only (sandbox.run): both libraries can be made to abort,
loop or fill the memory by files of a few kilobytes.
"""

from math import sqrt

import pikepdf
import pypdfium2

from lti_tool.errors import InvalidInput

MOST_PAGES = 2_000
MOST_PIXELS = 40_000_000
PAGE_WIDTH = 1240
QUALITY = 60


def inspect(path: str) -> int:
    """The number of pages; raises InvalidInput for encrypted, broken, empty and endless files."""
    try:
        with pikepdf.open(path) as document:
            is_encrypted, pages = document.is_encrypted, len(document.pages)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    except (pikepdf.PdfError, ValueError, OSError) as error:
        raise _broken() from error
    if is_encrypted:
        raise _encrypted()
    if not 0 < pages <= MOST_PAGES:
        raise InvalidInput(
            "file_pages",
            "This PDF has %(pages)s pages; from 1 to %(most_pages)s can be used.",
            {"pages": pages, "most_pages": MOST_PAGES},
        )
    with _open(path) as document:
        if len(document) != pages:
            raise _broken()
    return pages


def page_texts(path: str) -> list[str]:
    """The text layer of each page, empty where there is none."""
    texts = []
    with _open(path) as document:
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded().replace("\r\n", "\n"))
            text_page.close()
            page.close()
    return texts


def render_page(path: str, page_number: int, target: str, width: int = PAGE_WIDTH) -> list[int]:
    """Write one page (from 1) as WebP to `target`; its width and height in pixels."""
    with _open(path) as document:
        if not 1 <= page_number <= len(document):
            raise InvalidInput("page_unknown", "This file has no page %(page_number)s.", {"page_number": page_number})
        page = document[page_number - 1]
        bitmap = page.render(scale=_scale(page.get_size(), width))
        image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    image.save(target, "WEBP", quality=QUALITY, method=4)
    return list(image.size)


def _open(path: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _broken() from error


def _scale(size: tuple[float, float], width: int) -> float:
    """Pixels per point for this width, less where a page of absurd size would fill the memory."""
    points = max(size[0], 1) * max(size[1], 1)
    return min(width / max(size[0], 1), sqrt(MOST_PIXELS / points), 16_000 / max(*size, 1))


def _encrypted() -> InvalidInput:
    return InvalidInput(
        "file_encrypted",
        "This PDF is protected by a password or by restrictions. Save a copy without protection and send that.",
    )


def _broken() -> InvalidInput:
    return InvalidInput("file_broken", "This PDF is damaged and cannot be opened. Export it again and send that.")
