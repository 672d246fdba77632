"""Where the pages of a file belong, once all their pictures are there.

By what is printed on each page, never by counting: a page that the feeder ate then shifts no other. A page that does
not belong anywhere goes to a tray and waits for a person. A repeated page never takes the place of the first.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import now
from lti_tool.scans.exam import expected_pages
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.moves import move_page, quarantine, unbind
from lti_tool.scans.pages.arranging import arrange, find_paper_with, in_printed_order, pages_of
from lti_tool.scans.pages.evidence import is_foreign
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.sheets.models import Booklet
from lti_tool.scans.states import ENDED, REARRANGED, FileState, Problem

PROBABLY_BLANK = 150
"""Ink of ruled but empty pages reaches as far as that of a page with one faint line: a hint, and no reason to drop."""
REAL_PAGES = (PageState.PLACED, PageState.IDENTIFIED, PageState.DECODED, PageState.UNKNOWN)


def settle(session: Session, exam: Placement, sent: SentFile) -> list[Paper]:
    """Put each page of the file in its place; the papers that were touched. The caller holds the exam's lock."""
    if sent.state != FileState.RECEIVED:
        return []
    pages = _pages_of_file(session, sent)
    named = _paper_of_file(session, pages)
    touched = {paper.id: paper for paper in [named] if paper}
    _set_repeats_aside(session, pages)
    _set_foreign_aside(session, pages)
    coded = [page for page in pages if page.booklet and page.state == PageState.DECODED]
    for booklet in dict.fromkeys(page.booklet for page in coded):
        own = [page for page in coded if page.booklet == booklet]
        paper = _add_to_booklet(session, exam, sent, str(booklet), own, named)
        touched[paper.id] = paper
    rest = [page for page in pages if page.state == PageState.DECODED]
    _settle_rest(session, exam, sent, rest, named, bool(coded), touched)
    sent.state = FileState.READ
    session.flush()
    return list(touched.values())


def _pages_of_file(session: Session, sent: SentFile) -> list[Page]:
    return list(session.scalars(select(Page).where(Page.sent_file_id == sent.id).order_by(Page.number)))


def _paper_of_file(session: Session, pages: list[Page]) -> Paper | None:
    """The paper that the file's name made."""
    return next((paper for page in pages if (paper := find_paper_with(session, page))), None)


def _set_repeats_aside(session: Session, pages: list[Page]) -> None:
    for page in pages:
        if page.state == PageState.DECODED and (twin := find_twin(session, page)):
            move_page(session, page, PageState.DUPLICATE, twin=twin)


def _set_foreign_aside(session: Session, pages: list[Page]) -> None:
    """Pages of another exam, and further sheets that carry no booklet's number of their own."""
    for page in pages:
        if page.state == PageState.DECODED and is_foreign(session, page):
            move_page(session, page, PageState.FOREIGN)


def find_twin(session: Session, page: Page) -> Page | None:
    """An earlier page of the exam with the same picture, or the page that stands for the same printed sheet."""
    is_blank = page.ink is not None and page.ink < PROBABLY_BLANK
    others = select(Page).where(
        Page.placement_id == page.placement_id,
        Page.id != page.id,
        # This very state has an index; nothing stays identified once its file is settled.
        Page.state == PageState.PLACED,
    )
    same_sheet = others.where(Page.booklet == page.booklet, Page.sheet_number == page.sheet_number)
    found = session.scalar(same_sheet.limit(1)) if page.booklet and page.sheet_number else None
    if found is None and not is_blank:
        same = select(Page).where(
            Page.placement_id == page.placement_id,
            Page.sha256 == page.sha256,
            Page.state.in_(REAL_PAGES),
            (Page.sent_file_id != page.sent_file_id) | (Page.number < page.number),
        )
        found = session.scalar(same.order_by(Page.created_at, Page.number).limit(1))
    return found


def _add_to_booklet(
    session: Session, exam: Placement, sent: SentFile, booklet: str, own: list[Page], named: Paper | None
) -> Paper:
    """The booklet's paper with these pages in their printed order; sheets that came twice go to the tray."""
    paper = _find_booklet(session, exam, booklet) or _adopt(named, booklet) or new_paper(session, exam, sent, booklet)
    paper.booklet = booklet
    seen: dict[int | None, Page] = {}
    for page in own:
        twin = seen.get(page.sheet_number) if page.sheet_number else None
        if twin is not None:
            move_page(session, page, PageState.DUPLICATE, twin=twin)
            continue
        seen[page.sheet_number] = page
        move_page(session, page, PageState.IDENTIFIED)
    joined = _with(pages_of(session, paper), [page for page in own if page.state == PageState.IDENTIFIED])
    if paper.state not in REARRANGED:
        return _held_back(session, paper, own)
    arrange(session, paper, in_printed_order(_present(joined)), expected=printed_pages(session, exam, paper.booklet))
    _place(session, own)
    return paper


def _held_back(session: Session, paper: Paper, own: list[Page]) -> Paper:
    """Pages that come after their paper was shown wait in the tray: nothing changes under a student's eyes."""
    for page in own:
        if page.state == PageState.IDENTIFIED:
            move_page(session, page, PageState.UNKNOWN)
    return paper


def _settle_rest(
    session: Session,
    exam: Placement,
    sent: SentFile,
    rest: list[Page],
    named: Paper | None,
    is_coded: bool,
    touched: dict[UUID, Paper],
) -> None:
    """Pages without a printed code: of a named file they are that paper's, in a coded pile nobody's, else one paper."""
    if named is None and is_coded:
        for page in rest:
            move_page(session, page, PageState.UNKNOWN)
        return
    if named is None and not rest:
        return
    paper = named or new_paper(session, exam, sent, None)
    touched[paper.id] = paper
    for page in rest:
        move_page(session, page, PageState.IDENTIFIED)
    if paper.state in REARRANGED:
        pages = _with(pages_of(session, paper), rest)
        _arrange_named(session, exam, paper, pages)
    _place(session, rest)
    if named is None:
        unbind(session, paper, Problem.NO_CLAIM)


def _arrange_named(session: Session, exam: Placement, paper: Paper, pages: list[Page]) -> None:
    """A paper of which every page came before keeps its pages, so that a person sees what was sent."""
    present = _present(pages)
    if present:
        arrange(session, paper, in_printed_order(present), expected=printed_pages(session, exam, paper.booklet))
    elif pages:
        quarantine(session, paper, Problem.REPEATED)


def _place(session: Session, pages: list[Page]) -> None:
    for page in pages:
        if page.state == PageState.IDENTIFIED:
            move_page(session, page, PageState.PLACED)


def _present(pages: list[Page]) -> list[Page]:
    """Without those in a tray; a damaged page stays where it is, so that its gap is seen."""
    return [page for page in pages if page.state not in {PageState.DUPLICATE, PageState.FOREIGN, PageState.UNKNOWN}]


def _with(pages: list[Page], more: list[Page]) -> list[Page]:
    known = {page.id for page in pages}
    return pages + [page for page in more if page.id not in known]


def _find_booklet(session: Session, exam: Placement, booklet: str) -> Paper | None:
    return session.scalar(
        select(Paper)
        .where(Paper.placement_id == exam.id, Paper.booklet == booklet, Paper.state.not_in(ENDED))
        .with_for_update(of=Paper)
    )


def _adopt(named: Paper | None, booklet: str) -> Paper | None:
    """The paper that the file's name made takes the first booklet found in it."""
    return named if named is not None and named.booklet in {None, booklet} and named.state in REARRANGED else None


def printed_pages(session: Session, exam: Placement, booklet: str | None) -> int:
    """How many pages the booklet was printed with, else how many a paper of the exam has."""
    printed = session.get(Booklet, booklet) if booklet else None
    return printed.pages if printed else expected_pages(exam)


def new_paper(session: Session, exam: Placement, sent: SentFile, booklet: str | None) -> Paper:
    """An empty paper of the file's pile."""
    paper = Paper(
        placement_id=exam.id,
        batch_id=sent.batch_id,
        name=sent.name,
        booklet=booklet,
        changed_at=now(),
    )
    session.add(paper)
    session.flush()
    return paper
