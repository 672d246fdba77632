"""Split, merge, reorder, rotate, move, take out, discard: what staff do to pages. Each is a step that can be undone."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.exam import lock_exam
from lti_tool.scans.handover.tasks import turn_work
from lti_tool.scans.models import Discard, Paper
from lti_tool.scans.moves import move, move_page, unbind
from lti_tool.scans.pages.arranging import arrange, find_paper_with, pages_of
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.settling import printed_pages
from lti_tool.scans.pages.states import TRAYS, PageState
from lti_tool.scans.papers import paper_for
from lti_tool.scans.resolve.queue import page_for
from lti_tool.scans.resolving import checked_reason
from lti_tool.scans.states import REARRANGED, PaperState, Problem
from lti_tool.scans.steps import begin_step, note_made

EMPTIED = "emptied"
"""The reason of a paper whose pages all went into others."""


def reorder(session: Session, viewer: Viewer, paper: Paper, places: Mapping[UUID, int]) -> None:
    """Put the pages of a paper in the order of these numbers."""
    exam, paper = _locked(session, viewer, paper)
    pages = pages_of(session, paper)
    if {page.id for page in pages} != set(places):
        raise InvalidInput("pages_changed", "The pages of this paper were changed meanwhile. Look at them again.")
    begin_step(session, viewer, "reordered", [paper])
    _arrange(session, exam, paper, sorted(pages, key=lambda page: places[page.id]))
    _tell(session, viewer, "scans.reordered", paper)


def rotate(session: Session, viewer: Viewer, paper: Paper, page_ids: Sequence[UUID]) -> None:
    """Turn these pages a quarter clockwise; what was signed stays the same."""
    lock_exam(session, viewer)
    paper = paper_for(session, viewer, paper.id, lock=True)
    pages = _own(session, paper, page_ids)
    begin_step(session, viewer, "rotated", [], pages)
    for page in pages:
        page.rotation, page.changed_at = (page.rotation + 90) % 360, now()
    session.flush()
    turn_work(session, paper)
    _tell(session, viewer, "scans.rotated", paper, pages=len(pages))


def split(session: Session, viewer: Viewer, paper: Paper, page_ids: Sequence[UUID]) -> Paper:
    """Make these pages a paper of their own, which nobody has yet."""
    exam, paper = _locked(session, viewer, paper)
    pages = _own(session, paper, page_ids)
    if len(pages) == paper.pages:
        raise InvalidInput("split_of_all", "Leave at least one page in the paper.")
    step = begin_step(session, viewer, "split", [paper])
    made = _new_paper(session, paper)
    note_made(session, step, made)
    _move(session, exam, paper, made, pages)
    _tell(session, viewer, "scans.split", paper, pages=len(pages), made=str(made.id))
    return made


def move_pages(session: Session, viewer: Viewer, paper: Paper, page_ids: Sequence[UUID], to: Paper) -> None:
    """Put these pages behind those of another paper; a paper that loses all of them is set aside."""
    exam, paper = _locked(session, viewer, paper)
    _same, to = _locked(session, viewer, to)
    if to.id == paper.id:
        raise InvalidInput("same_paper", "Choose another paper.")
    pages = _own(session, paper, page_ids)
    begin_step(session, viewer, "merged" if len(pages) == paper.pages else "moved", [paper, to])
    _move(session, exam, paper, to, pages)
    if not paper.pages:
        _set_empty_aside(session, viewer, paper)
    _tell(session, viewer, "scans.pages_moved", to, pages=len(pages), source=str(paper.id))


def take_out(session: Session, viewer: Viewer, paper: Paper, page_ids: Sequence[UUID], reason: str = "") -> None:
    """Take pages out of their paper: into the tray, or for a reason out of use."""
    exam, paper = _locked(session, viewer, paper)
    pages = _own(session, paper, page_ids)
    reason = checked_reason(reason) if reason else ""
    begin_step(session, viewer, "discarded" if reason else "taken_out", [paper])
    _arrange(session, exam, paper, [page for page in pages_of(session, paper) if page not in pages])
    for page in pages:
        _put_aside(session, viewer, page, reason)
    if not paper.pages:
        _set_empty_aside(session, viewer, paper)
    _tell(session, viewer, "scans.pages_taken_out", paper, pages=len(pages))


def place(session: Session, viewer: Viewer, page: Page, to: Paper | None) -> Paper:
    """Put a page of a tray into a paper, or begin one with it."""
    exam = lock_exam(session, viewer)
    page = page_for(session, viewer, page.id, lock=True)
    if page.state not in TRAYS or find_paper_with(session, page) is not None:
        raise InvalidInput("page_changed", "This page was changed meanwhile. Look at it again.")
    target = _locked(session, viewer, to)[1] if to else None
    step = begin_step(session, viewer, "placed", [target] if target else [], [page])
    if target is None:
        target = _paper_for_page(session, page)
        note_made(session, step, target)
    page.booklet, page.sheet_number = _free_sheet(session, target, page)
    _arrange(session, exam, target, [*pages_of(session, target), page])
    move_page(session, page, PageState.PLACED)
    _tell(session, viewer, "scans.page_placed", target)
    return target


def discard_page(session: Session, viewer: Viewer, page: Page, reason: str) -> None:
    """Set a page of a tray aside; it is kept with the reason and who gave it."""
    lock_exam(session, viewer)
    page = page_for(session, viewer, page.id, lock=True)
    if page.state == PageState.DISCARDED:
        return
    if page.state not in TRAYS:
        raise InvalidInput("page_changed", "This page was changed meanwhile. Look at it again.")
    reason = checked_reason(reason)
    begin_step(session, viewer, "discarded", [], [page])
    move_page(session, page, PageState.DISCARDED, reason=reason, by_id=viewer.person_id)
    audit.by(session, viewer, "scans.page_discarded", object_type="scan_page", object_id=page.id)


def _locked(session: Session, viewer: Viewer, paper: Paper) -> tuple[Placement, Paper]:
    exam = lock_exam(session, viewer)
    paper = paper_for(session, viewer, paper.id, lock=True)
    if paper.state not in REARRANGED:
        raise InvalidInput("paper_shown", "Take the paper back before you change its pages.")
    return exam, paper


def _own(session: Session, paper: Paper, page_ids: Sequence[UUID]) -> list[Page]:
    pages = [page for page in pages_of(session, paper) if page.id in set(page_ids)]
    if not pages or len(pages) != len(set(page_ids)):
        raise InvalidInput("pages_missing", "Tick at least one page of this paper.")
    return pages


def _arrange(session: Session, exam: Placement, paper: Paper, pages: Sequence[Page]) -> None:
    arrange(session, paper, pages, expected=printed_pages(session, exam, paper.booklet))
    if paper.state == PaperState.BOUND and not pages:
        unbind(session, paper, Problem.TAKEN_BACK)


def _move(session: Session, exam: Placement, source: Paper, to: Paper, pages: Sequence[Page]) -> None:
    rest = [page for page in pages_of(session, source) if page not in pages]
    joined = [*pages_of(session, to), *pages]
    if not rest and source.person_id is not None:
        unbind(session, source, Problem.TAKEN_BACK)
    _arrange(session, exam, to, joined)
    _arrange(session, exam, source, rest)


def _put_aside(session: Session, viewer: Viewer, page: Page, reason: str) -> None:
    if reason:
        move_page(session, page, PageState.DISCARDED, reason=reason, by_id=viewer.person_id)
    elif page.state not in TRAYS:
        move_page(session, page, PageState.UNKNOWN)


def _set_empty_aside(session: Session, viewer: Viewer, paper: Paper) -> None:
    if paper.state == PaperState.RECEIVED:
        unbind(session, paper, Problem.NO_CLAIM)
    session.add(Discard(paper_id=paper.id, reason=EMPTIED, by_id=viewer.person_id))
    session.flush()
    paper.problem, paper.person_id, paper.booklet = None, None, None
    move(session, paper, PaperState.DISCARDED)


def _new_paper(session: Session, source: Paper) -> Paper:
    made = Paper(
        placement_id=source.placement_id,
        batch_id=source.batch_id,
        name=source.name,
        changed_at=now(),
    )
    session.add(made)
    session.flush()
    unbind(session, made, Problem.NO_CLAIM)
    return made


def _paper_for_page(session: Session, page: Page) -> Paper:
    made = Paper(
        placement_id=page.placement_id,
        batch_id=page.sent_file.batch_id,
        name=page.sent_file.name,
        changed_at=now(),
    )
    session.add(made)
    session.flush()
    unbind(session, made, Problem.NO_CLAIM)
    return made


def _free_sheet(session: Session, paper: Paper, page: Page) -> tuple[str | None, int | None]:
    """A page that repeats a sheet of the paper joins it as a page without a printed number: both are kept."""
    placed = {(other.booklet, other.sheet_number) for other in pages_of(session, paper)}
    if page.state == PageState.DUPLICATE or (page.booklet, page.sheet_number) in placed:
        return None, None
    return page.booklet, page.sheet_number


def _tell(session: Session, viewer: Viewer, action: str, paper: Paper, **details: str | int) -> None:
    audit.by(
        session, viewer, action, object_type="paper", object_id=paper.id, details={**details, "sha256": paper.sha256}
    )
