"""What staff did to papers and pages, and going back one step at a time.

Before each step the papers and pages that it touches are written down. Undo puts pages back where they stood and binds
a paper again as a claim; it never shows a paper to a student by itself. What somebody else has changed since, or a
student has answered, is not undone.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.scans.exam import lock_exam
from lti_tool.scans.handover.tasks import turn_work
from lti_tool.scans.models import Discard, Paper, SentFile
from lti_tool.scans.moves import bind, live_paper_of, move, move_page, quarantine, unbind
from lti_tool.scans.pages.arranging import arrange, find_paper_with, pages_of
from lti_tool.scans.pages.models import Page, PaperPage, Step
from lti_tool.scans.pages.settling import printed_pages
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.papers import paper_for
from lti_tool.scans.states import Basis, FileState, PaperState, Problem, VerificationKind
from lti_tool.scans.verifications import verify
from lti_tool.secrets import Secrets

ANSWERED = frozenset({PaperState.CONFIRMED, PaperState.DISPUTED})
UNDONE = "undone"
"""The reason of a paper that only the undone step had made."""


def begin_step(
    session: Session, viewer: Viewer, kind: str, papers: Sequence[Paper], pages: Iterable[Page] = ()
) -> Step:
    """Write down how these stand, and the pages of these papers, before something is done to them."""
    placed = {paper.id: pages_of(session, paper) for paper in papers}
    touched = {page.id: page for page in [*pages, *(page for own in placed.values() for page in own)]}
    before = {
        "papers": {str(paper.id): _paper(paper, placed[paper.id]) for paper in papers},
        "pages": {
            str(page.id): {"state": page.state, "rotation": page.rotation, "reason": page.reason}
            for page in touched.values()
        },
        "made": [],
    }
    assert viewer.placement_id is not None
    step = Step(placement_id=viewer.placement_id, by_id=viewer.person_id, kind=kind, before=before, created_at=now())
    session.add(step)
    session.flush()
    return step


def note_made(session: Session, step: Step, paper: Paper) -> None:
    """The step made this paper: without the step it is nothing."""
    step.before = {**step.before, "made": [*step.before["made"], str(paper.id)]}
    session.flush()


def last_step(session: Session, viewer: Viewer) -> Step | None:
    """What the viewer did last in this exam and has not undone."""
    own = select(Step).where(
        Step.placement_id == viewer.placement_id, Step.by_id == viewer.person_id, Step.undone_at.is_(None)
    )
    return session.scalar(own.order_by(Step.created_at.desc()).limit(1))


def undo(session: Session, viewer: Viewer, step_id: UUID, secrets: Secrets) -> Step:
    """Put everything back as it stood before the viewer's last step."""
    exam = lock_exam(session, viewer)
    step = last_step(session, viewer)
    if step is None or step.id != step_id:
        raise InvalidInput("step_unknown", "This can no longer be undone.")
    named = [UUID(key) for key in [*step.before["papers"], *step.before["made"]]]
    papers = [paper_for(session, viewer, paper_id, lock=True) for paper_id in sorted(named)]
    _require_untouched(session, step, papers)
    for paper in papers:
        _free(session, viewer, paper, secrets)
    _put_pages_back(session, viewer, step)
    _put_papers_back(session, viewer, exam, step, papers)
    _turn_works_back(session, viewer, step)
    step.undone_at = now()
    session.flush()
    _tell(session, viewer, step)
    return step


def _paper(paper: Paper, pages: Sequence[Page]) -> dict[str, Any]:
    return {
        "state": paper.state,
        "problem": paper.problem,
        "person_id": paper.person_id,
        "basis": paper.basis,
        "booklet": paper.booklet,
        "pages": [str(page.id) for page in pages],
    }


def _require_untouched(session: Session, step: Step, papers: Sequence[Paper]) -> None:
    if any(paper.state in ANSWERED for paper in papers):
        raise InvalidInput("student_answered", "The student has answered meanwhile: this can no longer be undone.")
    later = select(Step).where(
        Step.placement_id == step.placement_id, Step.undone_at.is_(None), Step.created_at > step.created_at
    )
    ids = {str(paper.id) for paper in papers} | set(step.before["pages"])
    for other in session.scalars(later):
        if ids & ({*other.before["papers"], *other.before["pages"], *other.before["made"]}):
            raise InvalidInput("step_overtaken", "Somebody else has changed this since: it can no longer be undone.")
    _require_free_sheets(session, step)
    if session.scalar(_sent_again(step).limit(1)) is not None:
        raise InvalidInput("file_sent_again", "The same file was received again since: this can no longer be undone.")


def _sent_again(step: Step) -> Select[SentFile]:
    """Files in use with the bytes of one that the step set aside."""
    new = aliased(SentFile)
    return (
        select(new)
        .join(SentFile, and_(SentFile.placement_id == new.placement_id, SentFile.sha256 == new.sha256))
        .where(
            SentFile.id.in_(_files_of(step)),
            SentFile.state == FileState.SET_ASIDE,
            new.state.in_([FileState.RECEIVED, FileState.READ]),
        )
    )


def _files_of(step: Step) -> Select[UUID]:
    """The files whose pages come back into use."""
    returning = [UUID(key) for key, before in step.before["pages"].items() if before["state"] != PageState.DISCARDED]
    return select(Page.sent_file_id).where(Page.id.in_(returning))


def _require_free_sheets(session: Session, step: Step) -> None:
    """A sheet that came again while it was set aside has its place: one printed sheet is placed once."""
    returning = [UUID(key) for key, before in step.before["pages"].items() if before["state"] == PageState.PLACED]
    old, new = aliased(Page), aliased(Page)
    taken = (
        select(new.id)
        .join(
            old,
            and_(
                old.placement_id == new.placement_id,
                old.booklet == new.booklet,
                old.sheet_number == new.sheet_number,
            ),
        )
        .where(old.id.in_(returning), new.id.not_in(returning), new.state == PageState.PLACED)
    )
    if session.scalar(taken.limit(1)) is not None:
        raise InvalidInput(
            "sheet_taken", "The same printed sheet was placed again since: this can no longer be undone."
        )


def _free(session: Session, viewer: Viewer, paper: Paper, secrets: Secrets) -> None:
    """Nobody's for a moment, so that its pages may move."""
    if paper.state == PaperState.RELEASED:
        verify(session, secrets, viewer, paper, VerificationKind.TAKEN_BACK, message=UNDONE)
    if paper.state != PaperState.RECEIVED:
        unbind(session, paper, Problem.TAKEN_BACK)


def _put_pages_back(session: Session, viewer: Viewer, step: Step) -> None:
    for key, before in step.before["pages"].items():
        page = session.get_one(Page, UUID(key))
        page.rotation = before["rotation"]
        if page.state != before["state"]:
            by_id = viewer.person_id if before["state"] == PageState.DISCARDED else None
            move_page(session, page, PageState(before["state"]), reason=before["reason"], by_id=by_id)
    for sent in session.scalars(select(SentFile).where(SentFile.id.in_(_files_of(step)))):
        if sent.state == FileState.SET_ASIDE:
            sent.state = FileState.READ
    session.flush()


def _turn_works_back(session: Session, viewer: Viewer, step: Step) -> None:
    """What is on the desk of papers that the step has moved in nothing, but whose pages it has turned."""
    if step.before["papers"]:
        return
    found = [find_paper_with(session, session.get_one(Page, UUID(key))) for key in step.before["pages"]]
    for paper_id in sorted({paper.id for paper in found if paper}):
        turn_work(session, paper_for(session, viewer, paper_id, lock=True))


def _put_papers_back(session: Session, viewer: Viewer, exam: Placement, step: Step, papers: Sequence[Paper]) -> None:
    by_id = {str(paper.id): paper for paper in papers}
    kept = {UUID(key) for before in step.before["papers"].values() for key in before["pages"]}
    _take_out_of_made(session, [by_id[key] for key in step.before["made"]], kept)
    for key, before in step.before["papers"].items():
        paper = by_id[key]
        pages = [session.get_one(Page, UUID(page_id)) for page_id in before["pages"]]
        paper.booklet = before["booklet"]
        arrange(session, paper, pages, expected=printed_pages(session, exam, paper.booklet))
    for key in step.before["made"]:
        arrange(session, by_id[key], [])
        session.add(Discard(paper_id=by_id[key].id, reason=UNDONE, by_id=viewer.person_id))
        session.flush()
        by_id[key].problem, by_id[key].booklet = None, None
        move(session, by_id[key], PaperState.DISCARDED)
    for key, before in step.before["papers"].items():
        _restore(session, by_id[key], before)


def _take_out_of_made(session: Session, made: Sequence[Paper], kept: set[UUID]) -> None:
    """A page that stood in no paper before stands in none again."""
    rows = select(PaperPage).where(PaperPage.paper_id.in_([paper.id for paper in made]))
    for row in session.scalars(rows):
        if row.page_id not in kept:
            session.delete(row)
    session.flush()


def _restore(session: Session, paper: Paper, before: dict[str, Any]) -> None:
    """As a claim at most: whoever was shown it before is shown it again only after a person's look."""
    if before["state"] == PaperState.QUARANTINED:
        paper.person_id = before["person_id"]
        paper.binding += 1
        quarantine(session, paper, Problem(before["problem"]))
    elif before["person_id"] is not None and live_paper_of(session, paper, before["person_id"]):
        paper.problem = Problem.SECOND_PAPER
        session.flush()
    elif before["person_id"] is not None:
        bind(session, paper, before["person_id"], Basis(before["basis"] or Basis.PERSON))
    else:
        paper.problem = before["problem"] or Problem.NO_CLAIM
        session.flush()


def _tell(session: Session, viewer: Viewer, step: Step) -> None:
    audit.by(session, viewer, "scans.undone", object_type="scan_step", object_id=step.id, details={"kind": step.kind})
