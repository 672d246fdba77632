"""The scripts that administrators paste into Moodle: each number is released once, and stays as it is for ever.

A browser runs one only if it is, byte for byte, the one whose hash stands in Moodle's own page.
"""

import hashlib
from base64 import b64encode
from functools import cache

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import NotFound

FOLDER = PROJECT_ROOT / "static" / "button"
NEWEST = 1


@cache
def script_of(version: int) -> bytes:
    """Raises NotFound for a number that was never released."""
    try:
        return (FOLDER / f"{version}.js").read_bytes()
    except FileNotFoundError as error:
        raise NotFound("button_unknown") from error


def integrity_of(version: int) -> str:
    """What `integrity` says of it in a page."""
    return "sha384-" + b64encode(hashlib.sha384(script_of(version)).digest()).decode()
