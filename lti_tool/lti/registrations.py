"""Which registration and deployment a message belongs to, and how an operator adds them by hand.

One issuer may have many client ids, so a registration is always found by both; a deployment that was never
registered is refused with the number the administrator must add.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from lti_tool.db import columns
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.lti.claims import LONGEST_IDENTIFIER
from lti_tool.lti.models import Deployment, Platform, Registration, RegistrationOrigin, RegistrationStatus

CLIENTS = (
    select(Registration)
    .join(Registration.platform)
    .where(Platform.issuer == bindparam("issuer"))
    .options(contains_eager(Registration.platform))
    .limit(2)
)
CLIENT = CLIENTS.where(Registration.client_id == bindparam("client_id"))


class Client(NamedTuple):
    """Our client id at a platform as a login or launch sees it, and what the platform said of itself last."""

    id: int
    platform_id: int
    client_id: str
    authorization_endpoint: str
    status: str
    issuer: str
    product_family: str
    version: str
    name: str

    @classmethod
    def of(cls, registration: Registration) -> "Client":
        platform = registration.platform
        return cls(
            *(registration.id, registration.platform_id, registration.client_id),
            *(registration.authorization_endpoint, registration.status),
            *(platform.issuer, platform.product_family, platform.version, platform.name),
        )


class Installation(NamedTuple):
    """A deployment."""

    id: int
    deployment_id: str
    is_active: bool


# Every launch asks these; rows of the session cost more than twice as much as their columns.
CLIENT_COLUMNS = (
    *(Registration.id, Registration.platform_id, Registration.client_id),
    *(Registration.authorization_endpoint, Registration.status),
    *(Platform.issuer, Platform.product_family, Platform.version, Platform.name),
)
INSTALLATION_COLUMNS = (Deployment.id, Deployment.deployment_id, Deployment.is_active)


@dataclass(frozen=True, kw_only=True)
class PlatformEndpoints:
    """What a platform tells about itself when the tool is registered."""

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    keyset_url: str
    token_audience: str | None = None
    product_family: str = ""
    version: str = ""
    name: str = ""


def registration_for(session: Session, issuer: str, client_id: str | None) -> Registration:
    """The active registration of a client id, or an issuer's only one; raises NotAllowed."""
    found = session.scalars(CLIENT if client_id else CLIENTS, {"issuer": issuer, "client_id": client_id}).all()
    if len(found) != 1:
        raise NotAllowed(
            "registration_unknown", "This learning platform is not registered with the tool.", matches=len(found)
        )
    require_active(found[0])
    return found[0]


def require_active(registration: Registration | Client) -> None:
    """Raises NotAllowed for a registration that an administrator has disabled."""
    if registration.status != RegistrationStatus.ACTIVE:
        raise NotAllowed(
            "registration_disabled", "The registration of this learning platform is disabled.", id=registration.id
        )


def deployment_of(session: Session, registration: Registration | Client, deployment_id: str) -> Installation:
    """The deployment with the platform's id; raises NotAllowed with a hint for the administrator."""
    statement = select(*INSTALLATION_COLUMNS).where(
        Deployment.registration_id == registration.id, Deployment.deployment_id == deployment_id
    )
    found = columns(session, statement, {}).one_or_none()
    if found is None:
        raise NotAllowed(
            "deployment_unknown",
            "The deployment id “%(deployment_id)s” is not registered. Your administrator must add it.",
            {"deployment_id": deployment_id[:40]},
            registration=registration.id,
        )
    return Installation(*found)


def require_active_deployment(deployment: Installation) -> None:
    """Raises NotAllowed for a deployment that an administrator has disabled."""
    if not deployment.is_active:
        raise NotAllowed("deployment_disabled", "This installation of the tool is disabled.", deployment=deployment.id)


def register(
    session: Session,
    endpoints: PlatformEndpoints,
    *,
    deployment_ids: Iterable[str],
    allows_private_addresses: bool = False,
    origin: RegistrationOrigin = RegistrationOrigin.MANUAL,
) -> Registration:
    """Add a client id with its deployments; raises InvalidInput if the platform already has that client id."""
    platform = _platform(session, endpoints)
    existing = select(Registration.id).where(
        Registration.platform_id == platform.id, Registration.client_id == endpoints.client_id
    )
    if session.scalar(existing) is not None:
        raise InvalidInput("registration_exists", "This client id is already registered.")
    registration = Registration(
        platform=platform,
        client_id=endpoints.client_id,
        authorization_endpoint=endpoints.authorization_endpoint,
        token_endpoint=endpoints.token_endpoint,
        token_audience=endpoints.token_audience,
        keyset_url=endpoints.keyset_url,
        allows_private_addresses=allows_private_addresses,
        origin=origin,
    )
    session.add(registration)
    session.flush()
    for deployment_id in deployment_ids:
        add_deployment(session, registration, deployment_id)
    return registration


def known_registration(session: Session, issuer: str, client_id: str) -> Registration | None:
    """The registration of a client id, whatever its state."""
    return session.scalars(CLIENT, {"issuer": issuer, "client_id": client_id}).one_or_none()


def add_deployment(session: Session, registration: Registration, deployment_id: str) -> Deployment:
    """Register a deployment id of a registration, or take it into use again; raises InvalidInput."""
    if not deployment_id.strip() or not deployment_id.isprintable() or len(deployment_id) > LONGEST_IDENTIFIER:
        raise InvalidInput("deployment_refused", "This is no deployment id.", field="deployment_id")
    statement = (
        insert(Deployment)
        .values(registration_id=registration.id, deployment_id=deployment_id, is_active=True)
        .on_conflict_do_update(index_elements=["registration_id", "deployment_id"], set_={"is_active": True})
        .returning(Deployment)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


def trust(session: Session, issuer: str, *, is_trusted: bool) -> Platform:
    """Let a platform's administrators administer the whole tool, or no longer; raises NotFound."""
    found = session.scalar(select(Platform).where(Platform.issuer == issuer))
    if found is None:
        raise NotFound("platform_unknown", "No platform with the issuer %(issuer)s is registered.", {"issuer": issuer})
    found.is_trusted = is_trusted
    return found


def _platform(session: Session, endpoints: PlatformEndpoints) -> Platform:
    found = session.scalar(select(Platform).where(Platform.issuer == endpoints.issuer))
    if found is None:
        # The first is the operator's own; `lectern trust` names others.
        found = Platform(issuer=endpoints.issuer, is_trusted=session.scalar(select(Platform.id).limit(1)) is None)
        session.add(found)
    found.product_family = endpoints.product_family or found.product_family or ""
    found.version = endpoints.version or found.version or ""
    found.name = endpoints.name or found.name or ""
    session.flush()
    return found
