"""What waits behind the exam's tab: for staff papers, pages and failed work, for a student their paper or an answer."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Paper
from lti_tool.scans.resolve.queue import waiting_count
from lti_tool.scans.running.reports import unanswered_count
from lti_tool.scans.running.troubles import given_up_count
from lti_tool.scans.states import PaperState


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What staff are told of on the exam's first page."""

    unanswered: int
    given_up: int


def attention(session: Session, viewer: Viewer) -> Attention:
    """For staff of the exam."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    return Attention(unanswered=unanswered_count(session, exam.id), given_up=given_up_count(session, exam.id))


def attention_count(session: Session, viewer: Viewer) -> int:
    """The number on the tab; a student is told of nobody's paper but their own."""
    if viewer.placement_kind != PlacementKind.EXAM or viewer.placement_id is None:
        return 0
    if viewer.may(Capability.HANDLE_SCANS):
        return waiting_count(session, viewer) + given_up_count(session, viewer.placement_id)
    own = select(func.count()).where(
        Paper.placement_id == viewer.placement_id,
        Paper.person_id == viewer.person_id,
        Paper.state == PaperState.RELEASED,
    )
    return session.scalar(own) or 0
