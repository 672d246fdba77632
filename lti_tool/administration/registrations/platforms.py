"""The registrations of the viewer's own platform, and leave to register further ones; all under audit."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.audit import record
from lti_tool.accounts.models import Course
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import Settings
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.lti.addresses import registration_url
from lti_tool.lti.invitations import invite
from lti_tool.lti.models import Deployment, Registration, RegistrationStatus
from lti_tool.lti.registrations import add_deployment
from lti_tool.secrets import Secrets


def registrations_of(session: Session, viewer: Viewer) -> Sequence[Registration]:
    """Every registration of the viewer's platform, oldest first."""
    platform = select(Registration.platform_id).where(Registration.id == viewer.registration_id).scalar_subquery()
    return session.scalars(
        select(Registration).where(Registration.platform_id == platform).order_by(Registration.id)
    ).all()


def registration_for(session: Session, viewer: Viewer, registration_id: int) -> Registration:
    """Raises NotFound for one that is not of the viewer's platform."""
    for registration in registrations_of(session, viewer):
        if registration.id == registration_id:
            return registration
    raise NotFound("registration_unknown")


def deployments_of(session: Session, registrations: Sequence[Registration]) -> dict[int, list[tuple[Deployment, int]]]:
    """The deployments of each registration, with their number of courses."""
    found: dict[int, list[tuple[Deployment, int]]] = {registration.id: [] for registration in registrations}
    rows = session.execute(
        select(Deployment, func.count(Course.id))
        .outerjoin(Course, Course.deployment_id == Deployment.id)
        .where(Deployment.registration_id.in_(found))
        .group_by(Deployment.id)
        .order_by(Deployment.id)
    )
    for deployment, courses in rows:
        found[deployment.registration_id].append((deployment, courses))
    return found


def set_status(session: Session, viewer: Viewer, registration: Registration, status: RegistrationStatus) -> None:
    """Disable or enable; raises InvalidInput for the one that the viewer came through: the way back would be shut."""
    if registration.id == viewer.registration_id and status is RegistrationStatus.DISABLED:
        raise InvalidInput("registration_in_use", "You opened this page through this registration.")
    registration.status = status
    is_active = status is RegistrationStatus.ACTIVE
    _audit(session, viewer, "registration.enabled" if is_active else "registration.disabled", registration.id)


def give_deployment(session: Session, viewer: Viewer, registration: Registration, deployment_id: str) -> None:
    """Let launches of a further deployment in; raises InvalidInput for what is no id."""
    add_deployment(session, registration, deployment_id)
    _audit(session, viewer, "deployment.added", registration.id, {"deployment_id": deployment_id})


def invitation_link(
    session: Session, viewer: Viewer, settings: Settings, secrets: Secrets, *, allow_private: bool
) -> str:
    """An address that registers one platform, once."""
    link = registration_url(settings, invite(session, secrets, allows_private_addresses=allow_private))
    _audit(session, viewer, "registration.invited", "")
    return link


def _audit(
    session: Session, viewer: Viewer, action: str, registration_id: object, details: dict[str, str] | None = None
) -> None:
    record(
        session,
        action,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="registration",
        object_id=registration_id,
        details=details,
    )
