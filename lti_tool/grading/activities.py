"""The graded activity of a launch, and the lock under which one person's work there is handed in and marked."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:work, 0))")


def activity_for(session: Session, viewer: Viewer) -> Placement:
    """The activity that this launch opened; raises NotFound where it opened something else."""
    placement = session.scalar(
        select(Placement).where(
            Placement.id == viewer.placement_id,
            Placement.course_id == viewer.course_id,
            Placement.kind == PlacementKind.ACTIVITY,
            Placement.points.is_not(None),
        )
    )
    if placement is None:
        raise NotFound("activity_unknown")
    return placement


def lock_work(session: Session, placement: Placement, person_id: int) -> None:
    """Until the end of the transaction nobody else hands in or marks this person's work here."""
    session.execute(LOCK, {"work": f"grading:{placement.id}:{person_id}"})
