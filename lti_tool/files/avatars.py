"""A small square picture from a file that a person chose (R161); runs in the limited process only.

An SVG may hold scripts and references, so it is drawn once and only the drawing is kept; WeasyPrint draws it without
scripts and fetches nothing.
"""

import base64
import io

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from lti_tool.errors import InvalidInput
from lti_tool.files.images import MOST_PIXELS
from lti_tool.files.media_types import MediaType

SIDE = 128
"""Pixels."""
MARGIN = "@page { size: 128px; margin: 0 } img { display: block; width: 128px; height: 128px; object-fit: contain }"


def draw_avatar(path: str, media_type: str) -> str:
    """The picture as a square WebP, in base 64; raises InvalidInput for one that cannot be drawn."""
    try:
        drawn = _drawing(path) if media_type == MediaType.SVG else _opened(path)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput("avatar_unreadable", "This picture cannot be drawn. Try another file.") from error
    written = io.BytesIO()
    ImageOps.fit(drawn.convert("RGBA"), (SIDE, SIDE)).save(written, "WEBP", quality=90)
    return base64.b64encode(written.getvalue()).decode()


def _opened(path: str) -> Image.Image:
    with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        return ImageOps.exif_transpose(image)


def _drawing(path: str) -> Image.Image:
    # WeasyPrint takes most of a second to load, and only this function needs it.
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    with open(path, "rb") as file:
        source = base64.b64encode(file.read()).decode()
    page = f'<style>{MARGIN}</style><img src="data:image/svg+xml;base64,{source}">'
    # The picture itself is in the page; whatever else it names is not fetched.
    document = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=("data",))).write_pdf()
    page_drawn = pypdfium2.PdfDocument(document)[0].render(scale=SIDE * 2 / 96, fill_color=(0, 0, 0, 0))
    image: Image.Image = page_drawn.to_pil()
    if image.getbbox() is None:
        raise ValueError("nothing was drawn")
    return image
