"""Which paper does a continuation sheet continue? It is joined by a person; two facts make the proposal one key.

The number written on it, and that it was scanned right behind the paper: the same pile, the page before. One fact
alone is shown and takes a click; two that speak of different papers propose nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.continuations import is_continuation, owner_of
from lti_tool.scans.exam import exam_of, lock_exam
from lti_tool.scans.matching import judge
from lti_tool.scans.models import Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.resolve.rearranging import move_pages
from lti_tool.scans.states import LIVE, REARRANGED, TO_RESOLVE, PaperState

MOST_BEFORE = 50
"""Pages before a sheet that are looked at."""


class Fact(StrEnum):
    """Why a sheet seems to belong to a paper."""

    NUMBER = "number"
    BEHIND = "behind"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The paper that a sheet seems to continue; joined by one key where both facts name it and nobody was shown it."""

    paper: Paper
    facts: Sequence[Fact]

    @property
    def is_open(self) -> bool:
        return self.paper.state in REARRANGED

    @property
    def is_sure(self) -> bool:
        return self.is_open and len(self.facts) == len(Fact)


def find_continued(session: Session, viewer: Viewer, sheet: Paper) -> Proposal | None:
    """What is proposed for a continuation sheet; None for any other paper."""
    exam = exam_of(session, viewer)
    if sheet.state not in TO_RESOLVE or not is_continuation(session, sheet):
        return None
    found = {Fact.NUMBER: _by_number(session, exam, sheet), Fact.BEHIND: _before(session, sheet)}
    papers = {paper.id: paper for paper in found.values() if paper is not None}
    if len(papers) != 1:
        return None
    (paper,) = papers.values()
    return Proposal(paper=paper, facts=[fact for fact, named in found.items() if named is not None])


def join(session: Session, viewer: Viewer, sheet: Paper, to: Paper) -> None:
    """Put the sheet's pages behind those of the paper, and judge the paper as it is now."""
    exam = lock_exam(session, viewer)
    proposal = find_continued(session, viewer, sheet)
    if proposal is None or proposal.paper.id != to.id:
        raise InvalidInput("paper_changed", "This paper was changed meanwhile. Look at it again.")
    move_pages(session, viewer, sheet, [page.id for page in pages_of(session, sheet)], to)
    judge(session, exam, [to])


def _by_number(session: Session, exam: Placement, sheet: Paper) -> Paper | None:
    """The paper of whoever's number is written on the sheet."""
    person_id = owner_of(session, exam, sheet)
    own = select(Paper).where(Paper.placement_id == exam.id, Paper.person_id == person_id)
    live = Paper.state.in_(LIVE)
    return session.scalar(own.where(live | (Paper.state == PaperState.QUARANTINED)).order_by(live.desc()).limit(1))


def _before(session: Session, sheet: Paper) -> Paper | None:
    """The paper of the nearest page before the sheet in its file; other continuation sheets are passed over."""
    first = pages_of(session, sheet)[0]
    earlier = (
        select(Paper)
        .join(PaperPage, PaperPage.paper_id == Paper.id)
        .join(Page, Page.id == PaperPage.page_id)
        .where(Page.sent_file_id == first.sent_file_id, Page.number < first.number, Paper.id != sheet.id)
        .order_by(Page.number.desc())
        .limit(MOST_BEFORE)
    )
    return next((paper for paper in session.scalars(earlier) if not is_continuation(session, paper)), None)
