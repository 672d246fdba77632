"""Where the tutor of a Moodle course is, for anybody who asks: its number in Moodle, and nothing about people.

The tool answers by the course's number in Moodle and by our number of that Moodle; it tells one Moodle nothing about
the courses of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Placement, PlacementKind, ResourceLink
from lti_tool.config import origin_of
from lti_tool.lti.models import Deployment, Platform, Registration, RegistrationStatus
from lti_tool.site_settings.store import Snapshot, snapshot
from lti_tool.site_settings.switches import Feature, is_on_in

IS_MOODLE = Platform.product_family.in_(("moodle", ""))
"""A platform that was registered by hand says what it is with its first launch."""


@dataclass(frozen=True, kw_only=True)
class FoundTutor:
    """A course's tutor: its number in Moodle, and the settings that say how it looks there."""

    course_module: int
    settings: Snapshot


def origins_of(session: Session, platform_id: int) -> frozenset[str]:
    """Where the pages of a platform come from, as browsers call it; none for an unknown or disabled one."""
    rows = session.execute(
        select(Platform.issuer, Registration.authorization_endpoint)
        .join(Registration, Registration.platform_id == Platform.id)
        .where(Platform.id == platform_id, Registration.status == RegistrationStatus.ACTIVE)
    )
    return frozenset(origin_of(address) for row in rows for address in row)


def find_tutor(session: Session, platform_id: int, context_id: str) -> FoundTutor | None:
    """A course's newest tutor; None where there is none or it is switched off."""
    rows = session.execute(
        select(ResourceLink.course_module, Course.id)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(
            Registration.platform_id == platform_id,
            Registration.status == RegistrationStatus.ACTIVE,
            Deployment.is_active,
            Course.context_id == context_id,
            Placement.kind == PlacementKind.TUTOR,
            ResourceLink.course_module.is_not(None),
        )
        .order_by(ResourceLink.id.desc())
    )
    for course_module, course_id in rows:
        settings = snapshot(session, course_id)
        if course_module is not None and is_on_in(settings, Feature.TUTOR):
            return FoundTutor(course_module=course_module, settings=settings)
    return None


def moodles(session: Session) -> Sequence[Platform]:
    """Every registered Moodle, the oldest first."""
    registered = select(Registration.platform_id).where(Registration.status == RegistrationStatus.ACTIVE)
    return session.scalars(select(Platform).where(IS_MOODLE, Platform.id.in_(registered)).order_by(Platform.id)).all()
