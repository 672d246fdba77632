"""Who is asking now: a bound launch, loaded and checked in one call.

A request is answered only if its launch exists, has not expired and belongs to the cookie's browser.
"""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability, capabilities_of
from lti_tool.accounts.models import BoundLaunch, Placement, ResourceLink, Role
from lti_tool.db import now
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.lti.models import Registration


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person of a bound launch, with course, role and what that role may do there."""

    launch_id: UUID
    message: str
    person_id: int
    course_id: int
    deployment_id: int
    registration_id: int
    role: Role
    capabilities: frozenset[Capability]
    locale: str
    resource_link_id: int | None = None
    placement_id: UUID | None = None
    placement_kind: str | None = None
    reviewed_person_id: int | None = None
    return_url: str | None = None
    frame_origins: tuple[str, ...] = ()

    def may(self, capability: Capability) -> bool:
        return capability in self.capabilities

    def require(self, capability: Capability) -> None:
        """Raises NotAllowed unless the viewer has the capability in this course."""
        if not self.may(capability):
            raise NotAllowed("capability_missing", capability=capability, role=self.role)

    @property
    def is_staff(self) -> bool:
        return self.role is not Role.STUDENT


def browser_hash(browser_id: str) -> str:
    """How a browser id is stored: the id itself stays in the cookie."""
    return hashlib.sha256(browser_id.encode()).hexdigest()


def viewer_for(session: Session, launch_id: UUID, browser_id: str) -> Viewer:
    """Load a launch for the browser that owns it; raises NotFound or NotAllowed (`launch_expired`)."""
    found = session.execute(
        select(BoundLaunch, Registration, ResourceLink, Placement)
        .join(Registration, Registration.id == BoundLaunch.registration_id)
        .outerjoin(ResourceLink, ResourceLink.id == BoundLaunch.resource_link_id)
        .outerjoin(Placement, Placement.id == ResourceLink.placement_id)
        .where(BoundLaunch.id == launch_id)
    ).one_or_none()
    if found is None or not hmac.compare_digest(found[0].browser_hash, browser_hash(browser_id)):
        raise NotFound("launch_unknown", "This page belongs to another browser or no longer exists.")
    launch, registration, _, placement = found
    if launch.expires_at <= now():
        raise NotAllowed("launch_expired", "This page has expired. Open the activity again from your course.")
    role = Role(launch.role)
    return Viewer(
        launch_id=launch.id,
        message=launch.message,
        person_id=launch.person_id,
        course_id=launch.course_id,
        deployment_id=launch.deployment_id,
        registration_id=launch.registration_id,
        role=role,
        capabilities=capabilities_of(session, launch.course_id, role),
        locale=launch.locale,
        resource_link_id=launch.resource_link_id,
        placement_id=placement.id if placement else None,
        placement_kind=placement.kind if placement else None,
        reviewed_person_id=launch.reviewed_person_id,
        return_url=launch.return_url,
        frame_origins=_origins(registration.platform.issuer, registration.authorization_endpoint),
    )


def _origins(*addresses: str) -> tuple[str, ...]:
    """Who may frame our pages: the issuer, and the host that people see where it is another (Canvas)."""
    parts = [urlsplit(address) for address in addresses]
    return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))
