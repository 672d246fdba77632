"""What is printed in the upper part of pages that carry no code of a page. Runs in the limited process only.

It is slow, a second and more for each page: nothing waits for it, and the pages that our own readers know are left out.
"""

from typing import Any

import numpy as np
from PIL import Image

from lti_tool.scans.pages.reading import UNREADABLE
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.printed import SURE, engine_version, names_in, number_in, recognise_lines, upper_of

NOTHING: dict[str, Any] = {"claim": "", "score": 0.0, "names": [], "version": ""}


def read_heads(pictures: list[tuple[str, int]], pattern: str) -> list[dict[str, Any]]:
    """For each picture and its rotation the number and the names printed on top, and who read them."""
    return [_read(path, rotation, pattern) for path, rotation in pictures]


def _read(path: str, rotation: int, pattern: str) -> dict[str, Any]:
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            page: Grey = np.asarray(image.convert("L").rotate(-rotation, expand=True))
    except UNREADABLE:
        return NOTHING
    lines = recognise_lines(upper_of(page))
    number, names = number_in(lines, pattern, page, engine_version()), names_in(lines)
    return {
        "claim": number.claim if number else "",
        "score": number.score if number else SURE * bool(names),
        "names": names,
        "version": engine_version(),
    }
