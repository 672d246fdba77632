"""What identifies pages: the fingerprint of a paper that people sign, and how alike two pages look (scans.md 4.8).

A paper that is one whole file has that file's own SHA-256, which its student can compare. Any other paper has the
SHA-256 of a list with the original and the number of each page.
"""

import hashlib
from collections.abc import Sequence

from lti_tool.scans.pages.models import Page

LOOKS_THE_SAME = 0.25
"""Share of differing bits: scans of one page differ in at most 0.227, of two pages in at least 0.290."""


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


def difference(one: str, other: str) -> float:
    """The share of bits in which two perceptual hashes differ; 1 where one is unknown."""
    if not one or len(one) != len(other):
        return 1.0
    return (int(one, 16) ^ int(other, 16)).bit_count() / (4 * len(one))


def looks_like(one: Page, other: Page) -> bool:
    """A hint for a person, and no proof."""
    return difference(one.phash, other.phash) <= LOOKS_THE_SAME
