"""Pages that look like another: a sheet scanned twice, once with a code that could not be read. A hint, and no proof.

Scans of one page differ in at most 0.227 of the bits of their perceptual hashes, of two pages in at least 0.290
(scans.md 4.8). Where both pages carry a code, the codes say it better; blank pages all look alike.
"""

from typing import Any

from sqlalchemy import ColumnElement, Float, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import Session

from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.pages.settling import PROBABLY_BLANK
from lti_tool.scans.pages.states import PageState

BITS = 256
LOOKS_THE_SAME = 0.25
KEPT = (PageState.PLACED, PageState.UNKNOWN)
"""Damaged pages have no picture; of those set aside as repeated or foreign it is known what they are."""


def find_alike(session: Session, page: Page, *, most: int = 2) -> list[Page]:
    """The pages of other papers that look most like this one, the likest first."""
    if len(page.phash) * 4 != BITS or page.ink is None or page.ink < PROBABLY_BLANK:
        return []
    differing = _differing(page.phash)
    own = select(PaperPage.paper_id).where(PaperPage.page_id == page.id).scalar_subquery()
    others = (
        select(Page)
        .outerjoin(PaperPage)
        .where(
            Page.placement_id == page.placement_id,
            Page.id != page.id,
            Page.state.in_(KEPT),
            Page.phash != "",
            Page.ink >= PROBABLY_BLANK,
            or_(Page.booklet.is_(None), literal(page.booklet is None)),
            PaperPage.paper_id.is_distinct_from(own),
            differing <= LOOKS_THE_SAME,
        )
    )
    return list(session.scalars(others.order_by(differing, Page.created_at, Page.id).limit(most)))


def _differing(phash: str) -> ColumnElement[Any]:
    """The share of bits in which the stored hash differs from this one."""
    mine, theirs = (cast(literal("x") + text, BIT(BITS)) for text in (literal(phash), Page.phash))
    return cast(func.bit_count(theirs.op("#")(mine)), Float) / BITS
