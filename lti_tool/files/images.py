"""Is this picture whole, and small enough to decode? A plain copy of it. Runs in the limited process only."""

import base64
import io

from PIL import Image, ImageOps, UnidentifiedImageError

from lti_tool.errors import InvalidInput

MOST_PIXELS = 40_000_000
MOST_PAGES = 2_000
LONGEST_SIDE = 1600
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow itself warns at this bound and refuses at twice of it.


def inspect(path: str) -> list[int]:
    """Width and height by the header, after the pixel limit and a check of the whole file; raises InvalidInput."""
    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels()
            image.load()
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InvalidInput("file_broken", "This picture is damaged and cannot be opened.") from error
    return [width, height]


def cover_top(path: str, target: str, share: float) -> list[int]:
    """Write the picture with its top painted over, down to this share of its height; width and height."""
    with Image.open(path, formats=("WEBP",)) as image:
        covered = image.convert("RGB")
    covered.paste((228, 231, 235), (0, 0, covered.width, round(covered.height * share)))
    covered.save(target, "WEBP", quality=60, method=4)
    return list(covered.size)


def count_pages(path: str) -> int:
    """The pages of a TIFF, after the pixel limit of the first; each later page is looked at when it is drawn."""
    try:
        with Image.open(path, formats=("TIFF",)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels()
            pages = int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInput("file_broken", "This picture is damaged and cannot be opened.") from error
    if pages > MOST_PAGES:
        raise InvalidInput(
            "file_pages",
            "This picture has %(pages)s pages; at most %(most_pages)s can be used.",
            {"pages": pages, "most_pages": MOST_PAGES},
        )
    return pages


def plain_copy(path: str) -> str:
    """A JPEG in base64 that holds the picture and nothing about it, at most LONGEST_SIDE long, the right way up."""
    written = io.BytesIO()
    plain_picture(path, LONGEST_SIDE).save(written, "JPEG", quality=85)
    return base64.b64encode(written.getvalue()).decode()


def plain_picture(path: str, longest_side: int) -> Image.Image:
    """The picture the right way up on white, its longer side at most so many pixels."""
    with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail((longest_side, longest_side))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    return plain


def _too_many_pixels() -> InvalidInput:
    return InvalidInput(
        "file_too_many_pixels",
        "This picture has more than %(most_pixels)s million pixels. Send a smaller one.",
        {"most_pixels": MOST_PIXELS // 1_000_000},
    )
