"""The graded activity of a launch, and the lock under which one person's work there is handed in and marked.

A paper exam is marked on the same desk; but what is marked there comes in on paper, and nobody hands it in by a form.
"""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:work, 0))")
MARKED = frozenset({PlacementKind.ACTIVITY, PlacementKind.EXAM})
"""What has a desk."""


def activity_for(session: Session, viewer: Viewer) -> Placement:
    """What this launch opened to be marked; raises NotFound where it opened something else."""
    placement = session.scalar(
        select(Placement).where(
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
            Placement.kind.in_(MARKED),
            Placement.points.is_not(None),
        )
    )
    if placement is None:
        raise NotFound("activity_unknown")
    return placement


def online_activity_for(session: Session, viewer: Viewer) -> Placement:
    """The same where work is handed in online; raises NotFound in a paper exam."""
    activity = activity_for(session, viewer)
    if activity.kind != PlacementKind.ACTIVITY:
        raise NotFound("activity_unknown")
    return activity


def has_desk(viewer: Viewer) -> bool:
    """Whether what was opened may have work to mark."""
    return viewer.placement_kind in MARKED


def lock_work(session: Session, placement: Placement, person_id: int) -> None:
    """Until the end of the transaction nobody else hands in or marks this person's work here."""
    session.execute(LOCK, {"work": f"grading:{placement.id}:{person_id}"})
