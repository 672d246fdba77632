"""Who is asking now: a bound launch, loaded and checked in one call.

A request is answered only if its launch exists, has not expired and belongs to the cookie's browser.
"""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability, with_overrides
from lti_tool.accounts.models import BoundLaunch, CapabilityOverride, Placement, ResourceLink, Role
from lti_tool.config import origin_of
from lti_tool.db import columns, now
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.lti.models import Deployment, Platform, Registration, RegistrationStatus


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
    has_notices: bool = False

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
    found = columns(session, _FOUND, {"launch_id": launch_id}).one_or_none()
    if found is None or not hmac.compare_digest(found.browser_hash, browser_hash(browser_id)):
        raise NotFound("launch_unknown", "This page belongs to another browser or no longer exists.")
    if found.expires_at <= now():
        raise NotAllowed("launch_expired", "This page has expired. Open the activity again from your course.")
    if found.status != RegistrationStatus.ACTIVE or not found.is_active:
        raise NotAllowed("registration_disabled", "This tool has been switched off for your platform.")
    role = Role(found.role)
    return Viewer(
        launch_id=launch_id,
        message=found.message,
        person_id=found.person_id,
        course_id=found.course_id,
        deployment_id=found.deployment_id,
        registration_id=found.registration_id,
        role=role,
        capabilities=with_overrides(role, found.overrides or {}, is_trusted=found.is_trusted),
        locale=found.locale,
        resource_link_id=found.resource_link_id,
        placement_id=found.placement_id,
        placement_kind=found.placement_kind,
        reviewed_person_id=found.reviewed_person_id,
        return_url=found.return_url,
        frame_origins=_origins(found.issuer, found.authorization_endpoint),
        has_notices=bool(found.notices),
    )


_OVERRIDES = (
    select(func.jsonb_object_agg(CapabilityOverride.capability, CapabilityOverride.is_allowed))
    .where(CapabilityOverride.course_id == BoundLaunch.course_id, CapabilityOverride.role == BoundLaunch.role)
    .scalar_subquery()
)
# Every request asks this, and once.
_FOUND = (
    select(
        BoundLaunch.browser_hash,
        BoundLaunch.message,
        BoundLaunch.person_id,
        BoundLaunch.course_id,
        BoundLaunch.deployment_id,
        BoundLaunch.registration_id,
        BoundLaunch.role,
        BoundLaunch.locale,
        BoundLaunch.resource_link_id,
        BoundLaunch.reviewed_person_id,
        BoundLaunch.return_url,
        BoundLaunch.notices,
        BoundLaunch.expires_at,
        Placement.id.label("placement_id"),
        Placement.kind.label("placement_kind"),
        Platform.issuer,
        Platform.is_trusted,
        Registration.authorization_endpoint,
        Registration.status,
        Deployment.is_active,
        _OVERRIDES.label("overrides"),
    )
    .join(Registration, Registration.id == BoundLaunch.registration_id)
    .join(Platform, Platform.id == Registration.platform_id)
    .join(Deployment, Deployment.id == BoundLaunch.deployment_id)
    .outerjoin(ResourceLink, ResourceLink.id == BoundLaunch.resource_link_id)
    .outerjoin(Placement, Placement.id == func.coalesce(BoundLaunch.placement_id, ResourceLink.placement_id))
    .where(BoundLaunch.id == bindparam("launch_id"))
)


def _origins(*addresses: str) -> tuple[str, ...]:
    """Who may frame our pages: the issuer, and the host that people see where it is another (Canvas)."""
    return tuple(sorted({origin_of(address) for address in addresses}))
