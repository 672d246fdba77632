"""What identifies a paper: the fingerprint of its pages, which people sign.

A paper that is one whole file has that file's own SHA-256, which its student can compare. Any other paper has the
SHA-256 of a list with the original and the number of each page.
"""

import hashlib
from collections.abc import Sequence

from lti_tool.scans.pages.models import Page


def fingerprint(pages: Sequence[Page]) -> str:
    """The fingerprint of these pages in this order; empty for none."""
    if not pages:
        return ""
    first = pages[0].sent_file
    whole = [(first.id, number) for number in range(1, first.pages + 1)]
    if [(page.sent_file_id, page.number) for page in pages] == whole:
        return first.sha256
    lines = "".join(f"{page.sent_file.sha256}:{page.number}\n" for page in pages)
    return hashlib.sha256(lines.encode()).hexdigest()
