"""What waits for a person, in one row: papers to compare, papers to resolve, then pages that belong nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.scans.exam import exam_of, students
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.pages.states import TRAYS
from lti_tool.scans.states import TO_RESOLVE, PaperState
from lti_tool.scans.verdicts import verdict_on

MOST_CANDIDATES = 3


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Everything that waits, in its order."""

    papers: Sequence[Paper]
    pages: Sequence[Page]

    @property
    def count(self) -> int:
        return len(self.papers) + len(self.pages)


def waiting(session: Session, viewer: Viewer) -> Waiting:
    """Papers that only need a look stand first, then those with a problem, then pages in no paper."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    papers = select(Paper).where(Paper.placement_id == exam.id, Paper.state.in_([PaperState.BOUND, *TO_RESOLVE]))
    is_problem = Paper.state != PaperState.BOUND
    found = session.scalars(papers.order_by(is_problem, Paper.created_at, Paper.name, Paper.id))
    return Waiting(papers=list(found), pages=trays(session, viewer))


def trays(session: Session, viewer: Viewer) -> list[Page]:
    """Pages that were found to belong nowhere, with the reason in their state."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    pages = (
        select(Page)
        .outerjoin(PaperPage)
        .where(Page.placement_id == exam.id, Page.state.in_(TRAYS), PaperPage.page_id.is_(None))
    )
    return list(session.scalars(pages.order_by(Page.created_at, Page.sent_file_id, Page.number)))


def waiting_count(session: Session, viewer: Viewer) -> int:
    """For the tab of the exam: how many papers and pages wait for staff; students are told nothing of them."""
    if not viewer.may(Capability.HANDLE_SCANS) or viewer.placement_kind != PlacementKind.EXAM:
        return 0
    papers = select(func.count()).where(
        Paper.placement_id == viewer.placement_id, Paper.state.in_([PaperState.BOUND, *TO_RESOLVE])
    )
    pages = (
        select(func.count(Page.id))
        .outerjoin(PaperPage)
        .where(Page.placement_id == viewer.placement_id, Page.state.in_(TRAYS), PaperPage.page_id.is_(None))
    )
    return (session.scalar(papers) or 0) + (session.scalar(pages) or 0)


def page_for(session: Session, viewer: Viewer, page_id: UUID, *, lock: bool = False) -> Page:
    """A page of the viewer's exam, for staff; raises NotFound or NotAllowed."""
    viewer.require(Capability.HANDLE_SCANS)
    found = select(Page).where(Page.id == page_id, Page.placement_id == exam_of(session, viewer).id)
    if lock:
        found = found.with_for_update(of=Page).execution_options(populate_existing=True)
    page = session.scalar(found)
    if page is None:
        raise NotFound("page_unknown")
    return page


def candidates(session: Session, viewer: Viewer, paper: Paper) -> list[Person]:
    """Up to three students whose paper it may be, the likeliest first."""
    verdict = verdict_on(session, exam_of(session, viewer), paper)
    likely = [paper.person_id, verdict.person_id, *verdict.candidates]
    known = {student.id: student for student in students(session, viewer)}
    return [known[one] for one in dict.fromkeys(likely) if one in known][:MOST_CANDIDATES]


def following(now: Waiting, after: UUID | None) -> Paper | None:
    """The paper after this one, and round to the first."""
    ids = [paper.id for paper in now.papers]
    start = ids.index(after) + 1 if after in ids else 0
    in_order = [*now.papers[start:], *now.papers[:start]]
    return next((paper for paper in in_order if paper.id != after), now.papers[0] if now.papers else None)
