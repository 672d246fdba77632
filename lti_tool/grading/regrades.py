"""A student asks for another look at an approved grade, with a reason; a person answers, and may mark again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.gradebook.grades import approved_grade_of, check_not_own
from lti_tool.gradebook.models import Approval, ApprovalEnd
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.activities import lock_work
from lti_tool.grading.models import RegradeRequest, RegradeState

LONGEST_TEXT = 2_000


def ask_regrade(session: Session, viewer: Viewer, placement: Placement, reason: str) -> RegradeRequest:
    """Open a request about the viewer's approved grade; a second click changes nothing. Raises InvalidInput."""
    lock_work(session, placement, viewer.person_id)
    approval = approved_grade_of(session, viewer, placement_id=placement.id)
    if approval is None:
        raise NotAllowed("nothing_graded", "There is no grade yet that could be looked at again.")
    waiting = open_regrades(session, placement).get(viewer.person_id)
    if waiting is not None:
        return waiting
    until = regrade_until(session, placement, approval)
    if until is not None and now() > until:
        raise InvalidInput("regrade_late", "The time to ask for a regrade is over.")
    request = RegradeRequest(
        placement_id=placement.id, person_id=viewer.person_id, approval_id=approval.id, reason=_checked(reason)
    )
    session.add(request)
    session.flush()
    _tell(session, viewer, request, "regrade.asked")
    return request


def regrade_until(session: Session, placement: Placement, approval: Approval) -> datetime | None:
    """Until when a released grade may be asked about; None where there is no limit."""
    days = marking_options(placement).regrade_days
    if days is None:
        return None
    end = session.get(ApprovalEnd, approval.id)
    return (end.ended_at if end else approval.approved_at) + timedelta(days=days)


def regrade_for(session: Session, viewer: Viewer, request_id: UUID) -> RegradeRequest:
    """A request of the viewer's activity, locked, for who may grade; raises NotFound or NotAllowed."""
    viewer.require(Capability.GRADE)
    request = session.scalar(
        select(RegradeRequest)
        .join(Placement, Placement.id == RegradeRequest.placement_id)
        .where(
            RegradeRequest.id == request_id,
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
        )
        .with_for_update(of=RegradeRequest)
    )
    if request is None:
        raise NotFound("regrade_unknown")
    return request


def answer_regrade(session: Session, viewer: Viewer, request: RegradeRequest, reply: str) -> None:
    """Close the request with a reply that the student sees; an answer stays as it was given."""
    check_not_own(viewer, request.person_id)
    if request.state == RegradeState.ANSWERED:
        raise InvalidInput("regrade_answered", "Somebody has answered this request already.")
    request.reply = _checked(reply)
    request.answered_by_id, request.answered_at = viewer.person_id, now()
    request.state = RegradeState.ANSWERED
    session.flush()
    _tell(session, viewer, request, "regrade.answered")


def own_regrades(session: Session, viewer: Viewer, placement: Placement) -> Sequence[RegradeRequest]:
    """The viewer's requests, latest first."""
    return _requests(session, placement, viewer.person_id)


def regrades_of(session: Session, viewer: Viewer, placement: Placement, person_id: int) -> Sequence[RegradeRequest]:
    """A person's requests, latest first, for who may grade."""
    viewer.require(Capability.GRADE)
    return _requests(session, placement, person_id)


def open_regrades(session: Session, placement: Placement) -> dict[int, RegradeRequest]:
    """Each person's open request."""
    waiting = session.scalars(
        select(RegradeRequest).where(
            RegradeRequest.placement_id == placement.id, RegradeRequest.state == RegradeState.OPEN
        )
    )
    return {request.person_id: request for request in waiting}


def _requests(session: Session, placement: Placement, person_id: int) -> Sequence[RegradeRequest]:
    return session.scalars(
        select(RegradeRequest)
        .where(RegradeRequest.placement_id == placement.id, RegradeRequest.person_id == person_id)
        .order_by(RegradeRequest.created_at.desc(), RegradeRequest.id)
    ).all()


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT or "\0" in text:
        raise InvalidInput(
            "regrade_text", "Write a text of at most %(longest_text)s characters.", {"longest_text": LONGEST_TEXT}
        )
    return text


def _tell(session: Session, viewer: Viewer, request: RegradeRequest, action: str) -> None:
    audit.by(session, viewer, action, object_type="regrade_request", object_id=request.id)
