"""Loading a paper for who may see it: staff every paper of the exam, a student the released one of their own.

A student sees the header first and the pages only after saying "this is mine" of this very binding.
"""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Paper
from lti_tool.scans.states import HIDDEN, LIVE, SHOWN, VerificationKind
from lti_tool.scans.verifications import find_verification


def paper_for(session: Session, viewer: Viewer, paper_id: UUID, *, lock: bool = False) -> Paper:
    """A paper of the viewer's exam, for staff; raises NotFound or NotAllowed."""
    viewer.require(Capability.HANDLE_SCANS)
    return _one(session, _in_exam(session, viewer).where(Paper.id == paper_id), lock=lock)


def find_paper_of(session: Session, viewer: Viewer, person_id: int | None) -> Paper | None:
    """A student's live paper, for staff."""
    viewer.require(Capability.HANDLE_SCANS)
    return session.scalar(_in_exam(session, viewer).where(Paper.person_id == person_id, Paper.state.in_(LIVE)))


def find_own_paper(session: Session, viewer: Viewer) -> Paper | None:
    """The viewer's own paper, if it was released; a hidden one only to say that it is being looked at."""
    live_first = Paper.state.in_(LIVE).desc()
    return session.scalar(_own(session, viewer).order_by(live_first, Paper.changed_at.desc()).limit(1))


def own_paper_for(session: Session, viewer: Viewer, paper_id: UUID, *, lock: bool = False) -> Paper:
    """The viewer's own paper, to answer for; raises NotFound for any other."""
    return _one(session, _own(session, viewer).where(Paper.id == paper_id), lock=lock)


def header_for(session: Session, viewer: Viewer, paper_id: UUID) -> Paper:
    """The paper whose header this viewer may see."""
    if viewer.may(Capability.HANDLE_SCANS):
        return paper_for(session, viewer, paper_id)
    paper = own_paper_for(session, viewer, paper_id)
    if paper.state not in SHOWN:
        raise NotFound("paper_unknown")
    return paper


def pages_for(session: Session, viewer: Viewer, paper_id: UUID) -> Paper:
    """The paper whose pages this viewer may see."""
    paper = header_for(session, viewer, paper_id)
    if not viewer.may(Capability.HANDLE_SCANS) and not is_claimed(session, paper):
        raise NotFound("paper_unknown")
    return paper


def is_claimed(session: Session, paper: Paper) -> bool:
    """Whether its student has seen the header and said that it is theirs."""
    return find_verification(session, paper, VerificationKind.MINE) is not None


def _in_exam(session: Session, viewer: Viewer) -> Select[Paper]:
    return select(Paper).where(Paper.placement_id == exam_of(session, viewer).id)


def _own(session: Session, viewer: Viewer) -> Select[Paper]:
    return _in_exam(session, viewer).where(Paper.person_id == viewer.person_id, Paper.state.in_(SHOWN | HIDDEN))


def _one(session: Session, found: Select[Paper], *, lock: bool) -> Paper:
    if lock:
        found = found.with_for_update(of=Paper).execution_options(populate_existing=True)
    paper = session.scalar(found)
    if paper is None:
        raise NotFound("paper_unknown")
    return paper
