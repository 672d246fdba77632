"""When a paper is shown to its student without a person: two facts agree, and nothing is missing, unread or apart."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.scans.continuations import awaits_continuation
from lti_tool.scans.letters import tell_of_release
from lti_tool.scans.models import Paper
from lti_tool.scans.moves import move
from lti_tool.scans.pages.models import Page, PaperPage
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.states import PaperState, Strength

BY_HAND = "release_by_hand"
"""An exam with this option releases nothing by itself."""


def release_if_strong(session: Session, exam: Placement, paper: Paper) -> None:
    """Show the paper to its student if nothing is left to decide; a person releases every other one."""
    if paper.state != PaperState.BOUND or paper.strength != Strength.STRONG or paper.missing:
        return
    if exam.options.get(BY_HAND) or not _is_placed(session, paper) or awaits_continuation(session, exam, paper):
        return
    move(session, paper, PaperState.RELEASED)
    tell_of_release(session, paper)
    audit.record(
        session,
        "scans.released",
        course_id=exam.course_id,
        object_type="paper",
        object_id=paper.id,
        details={"binding": paper.binding, "person": paper.person_id, "sha256": paper.sha256},
    )


def _is_placed(session: Session, paper: Paper) -> bool:
    """Every page was read and stands where it belongs."""
    other = select(Page.id).join(PaperPage).where(PaperPage.paper_id == paper.id, Page.state != PageState.PLACED)
    return session.scalar(other.limit(1)) is None
