"""Moodle's number of an activity (`cmid`), which it writes into the hint of each login request and nowhere else.

The hint is not signed, and Moodle looks at nothing but its launch id afterwards: whoever starts a login can write
another number into it. So it is believed only where it does no harm, or of people who may edit the course anyway.
"""

import json

LARGEST = 2**31 - 1
"""What a column for it holds."""


def course_module_of(product_family: str, message_hint: str | None) -> int | None:
    """The number in a hint of Moodle's; None for another platform, or a hint without one."""
    if product_family != "moodle" or not message_hint:
        return None
    try:
        hint = json.loads(message_hint)
    except (ValueError, RecursionError):
        return None
    return number_of(hint.get("cmid")) if isinstance(hint, dict) else None


def number_of(value: object) -> int | None:
    """What a browser says is the number of an activity, if it can be one."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))):
        return None
    return int(text) if 0 < int(text) <= LARGEST else None


def address_of(issuer: str, product_family: str, course_module: int | None) -> str | None:
    """Where the activity is on its platform; known for Moodle alone."""
    if course_module is None or product_family.lower() != "moodle":
        return None
    return f"{issuer.rstrip('/')}/mod/lti/view.php?id={course_module}"
