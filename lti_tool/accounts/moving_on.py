"""From one launch to work of the same course that no link leads to: the same person in the same browser.

Native assignments are opened so. The new launch ends when the old one does, and may do what the old one may.
"""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import BoundLaunch, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound

CARRIED = (
    "browser_hash",
    "registration_id",
    "deployment_id",
    "course_id",
    "person_id",
    "role",
    "locale",
    "return_url",
    "expires_at",
)


def move_on(session: Session, viewer: Viewer, placement: Placement) -> UUID:
    """A launch of a placement of the viewer's course, for who may grade; asked again it is the same one."""
    viewer.require(Capability.GRADE)
    if placement.course_id != viewer.course_id:
        raise NotFound("placement_unknown")
    launch = session.get_one(BoundLaunch, viewer.launch_id)
    values = {name: getattr(launch, name) for name in CARRIED}
    before = session.scalars(
        select(BoundLaunch.id).filter_by(**values, placement_id=placement.id, reviewed_person_id=None).limit(1)
    ).first()
    if before is not None:
        return before
    moved = BoundLaunch(id=uuid4(), message="resource_link", placement_id=placement.id, **values)
    session.add(moved)
    session.flush()
    return moved.id
