"""Is this picture whole, and small enough to decode? Runs in the limited process only."""

from PIL import Image, UnidentifiedImageError

from lti_tool.errors import InvalidInput

MOST_PIXELS = 40_000_000
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


def _too_many_pixels() -> InvalidInput:
    return InvalidInput(
        "file_too_many_pixels",
        f"This picture has more than {MOST_PIXELS // 1_000_000} million pixels. Send a smaller one.",
    )
