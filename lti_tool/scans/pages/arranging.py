"""Which pages a paper is made of and in which order: the one place that changes it.

Whoever calls holds the exam's lock. With other pages a paper that seems to be somebody's is a new binding, so that
whatever was said about it before counts for nothing.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.fingerprints import fingerprint
from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.states import REARRANGED


def pages_of(session: Session, paper: Paper) -> list[Page]:
    """The pages of a paper in their order."""
    placed = select(Page).join(PaperPage).where(PaperPage.paper_id == paper.id).order_by(PaperPage.position)
    return list(session.scalars(placed))


def find_paper_with(session: Session, page: Page) -> Paper | None:
    """The paper that a page stands in."""
    return session.scalar(select(Paper).join(PaperPage).where(PaperPage.page_id == page.id))


def arrange(session: Session, paper: Paper, pages: Sequence[Page], *, expected: int = 0) -> None:
    """Make the paper of these pages in this order; pages that stood in it and are not named stand in none."""
    if paper.state not in REARRANGED:
        raise InvalidInput("paper_shown", "Take the paper back before you change its pages.")
    wanted = {page.id: position for position, page in enumerate(pages, start=1)}
    present = session.scalars(
        select(PaperPage).where(or_(PaperPage.paper_id == paper.id, PaperPage.page_id.in_(wanted)))
    )
    for row in present:
        if row.page_id in wanted:
            row.paper_id, row.position = paper.id, wanted.pop(row.page_id)
        else:
            session.delete(row)
    session.add_all(PaperPage(page_id=page_id, paper_id=paper.id, position=at) for page_id, at in wanted.items())
    _count(paper, pages, expected)
    session.flush()


def gaps(pages: Sequence[Page], expected: int) -> list[int]:
    """The numbers of the pages that are missing; without printed numbers only the end can be told."""
    numbers = {page.sheet_number for page in pages if page.sheet_number}
    if not numbers:
        return list(range(len(pages) + 1, expected + 1)) if pages else []
    return sorted(set(range(1, max(expected, *numbers) + 1)) - numbers)


def in_printed_order(pages: Sequence[Page]) -> list[Page]:
    """By the printed numbers, further sheets last; a page without a number stays behind the page that it followed."""
    own = next((page.booklet for page in pages if page.booklet), None)
    last, is_further, keyed = 0, False, []
    for position, page in enumerate(pages):
        if page.booklet:
            is_further = page.booklet != own
        number = None if is_further else page.sheet_number
        last = number or last
        keyed.append((is_further, last, number is None, position, page))
    return [page for *_key, page in sorted(keyed, key=lambda entry: entry[:4])]


def _count(paper: Paper, pages: Sequence[Page], expected: int) -> None:
    print_of_pages = fingerprint(pages)
    if paper.person_id is not None and (paper.sha256, paper.pages) != (print_of_pages, len(pages)):
        paper.binding += 1
    own = [page for page in pages if page.booklet in {None, paper.booklet}]
    paper.sha256, paper.pages, paper.missing = print_of_pages, len(pages), gaps(own, expected)
    paper.changed_at = now()
