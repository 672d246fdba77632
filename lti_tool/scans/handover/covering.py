"""Which part of which page tells whose a paper is: what a marker must not see where names are hidden.

On a printed cover answers may stand below the boxes and bubbles, on any other first page below its top fifth.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.upright import HEADER_SHARE
from lti_tool.scans.sheets.layout import BUBBLE_PITCH, BUBBLES_TOP, HEADER_BOTTOM, PAGE_HEIGHT
from lti_tool.scans.sheets.models import Booklet, SheetKind

COVER_SHARE = (BUBBLES_TOP + 10 * BUBBLE_PITCH + 2) / PAGE_HEIGHT
SHARES = {
    SheetKind.BOOKLET: COVER_SHARE,
    SheetKind.SPARE: COVER_SHARE,
    # A further sheet has boxes and no bubbles; where the number stands under a sticker nobody can tell.
    SheetKind.CONTINUATION: HEADER_BOTTOM / PAGE_HEIGHT,
    SheetKind.LABEL: 1.0,
}


def covered_of(session: Session, pages: Sequence[Page]) -> dict[str, float]:
    """By the place of each such page in its paper: the share of its height, from the top, that is covered."""
    shares = ((place, _share(session, page, is_first=place == 1)) for place, page in enumerate(pages, start=1))
    return {str(place): round(share, 3) for place, share in shares if share}


def _share(session: Session, page: Page, *, is_first: bool) -> float:
    if page.sheet_number is None or page.booklet is None:
        return HEADER_SHARE if is_first else 0
    booklet = session.get(Booklet, page.booklet) if page.sheet_number == 1 else None
    if booklet is None:
        return HEADER_SHARE if page.sheet_number == 1 else 0
    return SHARES[SheetKind(booklet.kind)]
