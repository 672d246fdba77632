"""What a teacher may decide about the roster: whether a course has really shrunk."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.roster.models import RosterSync, SyncStatus
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import NotFound


def find_hold(session: Session, viewer: Viewer) -> RosterSync | None:
    """The open question of the viewer's course."""
    viewer.require(Capability.MANAGE)
    return session.scalar(
        select(RosterSync).where(RosterSync.course_id == viewer.course_id, RosterSync.status == SyncStatus.HELD)
    )


def find_last_sync(session: Session, viewer: Viewer) -> RosterSync | None:
    """How the latest sync of the viewer's course ended."""
    viewer.require(Capability.MANAGE)
    return session.scalar(
        select(RosterSync).where(RosterSync.course_id == viewer.course_id).order_by(RosterSync.id.desc()).limit(1)
    )


def decide_hold(session: Session, viewer: Viewer, *, is_right: bool) -> None:
    """Accept that so many have left, or keep the roster as it is; raises NotFound when nothing is asked."""
    hold = find_hold(session, viewer)
    if hold is None:
        raise NotFound("roster_not_held", "Nothing is waiting for a decision.")
    hold.status = SyncStatus.ACCEPTED if is_right else SyncStatus.DISMISSED
    hold.decided_by_id, hold.decided_at = viewer.person_id, now()
    session.flush()
    audit.by(
        session,
        viewer,
        "roster.shrink_accepted" if is_right else "roster.shrink_dismissed",
        object_type="roster_sync",
        object_id=hold.id,
        details={"known": hold.known_count, "fetched": hold.fetched_count},
    )
