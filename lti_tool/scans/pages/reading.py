"""What the readers find on the pictures of pages, as plain values. Runs in the limited process only.

A page code is only looked for here: whether this installation printed it is asked outside, where its key is.
Number boxes and bubbles stand on the first page of a printed booklet and are read there alone.
"""

from typing import Any

import numpy as np
from PIL import Image

from lti_tool.scans.readers.bubbles import read_bubbles
from lti_tool.scans.readers.digits import digit_reader, read_number
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.page_codes import VERSION, symbols_on
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.readers.registration import Registration, register
from lti_tool.scans.sheets.codes import looks_like_a_code, page_in

UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def read_pictures(paths: list[str], digits: int) -> list[dict[str, Any]]:
    """For each picture its code, how the scan is turned, and what its boxes say; nothing where nothing was found."""
    return [_read(path, digits) for path in paths]


def _read(path: str, digits: int) -> dict[str, Any]:
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            grey: Grey = np.asarray(image.convert("L"))
    except UNREADABLE:
        return {}
    symbols = symbols_on(grey, looks_like_a_code)
    registration = register(grey, symbols) if symbols else None
    if registration is None:
        return {}
    found: dict[str, Any] = {
        "code": symbols[0].text,
        "version": VERSION,
        "turned": registration.rotation,
        "dots_per_inch": round(registration.dots_per_inch),
        "readings": [],
    }
    if page_in(symbols[0].text) == 1 and digits:
        found["readings"] = [_plain(reading) for reading in _numbers(grey, registration, digits)]
    return found


def _numbers(grey: Grey, registration: Registration, digits: int) -> list[Reading]:
    reader = digit_reader()
    written = read_number(grey, registration, digits, reader) if reader else None
    return [reading for reading in (read_bubbles(grey, registration, digits), written) if reading is not None]


def _plain(reading: Reading) -> dict[str, Any]:
    return {
        "kind": str(reading.kind),
        "claim": reading.claim,
        "score": reading.score,
        "version": reading.version,
        "is_clear": reading.is_clear,
        "places": [list(place) for place in reading.places],
    }
