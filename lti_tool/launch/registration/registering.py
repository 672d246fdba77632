"""Registering a platform: by the platform's own dialogue, or by hand from a form."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.config import Settings
from lti_tool.errors import InvalidInput
from lti_tool.lti.claims import Section
from lti_tool.lti.dynamic_registration import RegisteredPlatform, register_at
from lti_tool.lti.invitations import open_invitation, use_invitation
from lti_tool.lti.models import Registration, RegistrationInvitation, RegistrationOrigin
from lti_tool.lti.registrations import PlatformEndpoints, register
from lti_tool.secrets import Secrets

ADDRESSES = ("authorization_endpoint", "token_endpoint", "keyset_url")


def register_dynamically(
    session: Session,
    settings: Settings,
    secrets: Secrets,
    *,
    invitation_token: str,
    configuration_url: str,
    registration_token: str | None,
) -> RegisteredPlatform:
    """Let the platform register us, then keep what it answered; the invitation is used up."""
    invitation = open_invitation(session, secrets, invitation_token)
    registered = register_at(
        settings,
        configuration_url=configuration_url,
        registration_token=registration_token,
        allow_private=_allows_private(settings, invitation),
    )
    registration = register(
        session,
        registered.endpoints,
        deployment_ids=[registered.deployment_id] if registered.deployment_id else [],
        allows_private_addresses=_allows_private(settings, invitation),
        origin=RegistrationOrigin.DYNAMIC,
    )
    _finish(session, invitation, registration)
    return registered


def register_by_hand(
    session: Session, settings: Settings, secrets: Secrets, *, invitation_token: str, fields: Mapping[str, str]
) -> Registration:
    """Keep what an administrator copied from the platform's page; raises InvalidInput naming the field."""
    invitation = open_invitation(session, secrets, invitation_token)
    registration = register(
        session,
        typed_endpoints(fields),
        deployment_ids=[_required(fields, "deployment_id")],
        allows_private_addresses=_allows_private(settings, invitation),
    )
    _finish(session, invitation, registration)
    return registration


def typed_endpoints(fields: Mapping[str, str]) -> PlatformEndpoints:
    """The endpoints as a person typed them; raises InvalidInput naming the field."""
    return PlatformEndpoints(
        issuer=_address(fields, "issuer"),
        client_id=_required(fields, "client_id"),
        **{name: _address(fields, name) for name in ADDRESSES},
    )


def _finish(session: Session, invitation: RegistrationInvitation, registration: Registration) -> None:
    use_invitation(session, invitation, registration)
    audit.record(
        session,
        "registration.added",
        object_type="registration",
        object_id=registration.id,
        details={"origin": registration.origin},
    )


def _allows_private(settings: Settings, invitation: RegistrationInvitation) -> bool:
    return invitation.allows_private_addresses or settings.allow_loopback_platforms


def _required(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value or not value.isprintable() or len(value) > 255:
        raise InvalidInput("field_missing", "Fill in the %(replace)s.", {"replace": name.replace("_", " ")}, field=name)
    return value


def _address(fields: Mapping[str, str], name: str) -> str:
    try:
        return Section({name: fields.get(name, "").strip()}).address(name) or _required({}, name)
    except InvalidInput as error:
        raise InvalidInput(
            "field_refused", "The %(replace)s must be a web address.", {"replace": name.replace("_", " ")}, field=name
        ) from error
