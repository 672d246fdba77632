"""Leave to register a platform: without one, anybody could register a platform of their own with the tool.

The token is signed with the installation's key and names a row that can be used once.
"""

from datetime import timedelta
from uuid import UUID

import jwt
from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.lti.models import Registration, RegistrationInvitation
from lti_tool.secrets import Secrets

LIFETIME = timedelta(days=7)
PURPOSE = "registration"
ALGORITHM = "HS256"


def invite(session: Session, secrets: Secrets, *, allows_private_addresses: bool = False) -> str:
    """A new token for the registration address."""
    invitation = RegistrationInvitation(allows_private_addresses=allows_private_addresses, expires_at=now() + LIFETIME)
    session.add(invitation)
    session.flush()
    claims = {"sub": str(invitation.id), "aud": PURPOSE, "exp": invitation.expires_at}
    return jwt.encode(claims, secrets.app_key, algorithm=ALGORITHM)


def open_invitation(session: Session, secrets: Secrets, token: str) -> RegistrationInvitation:
    """The invitation of a token, still unused; raises NotAllowed."""
    try:
        claims = jwt.decode(
            token, secrets.app_key, algorithms=[ALGORITHM], audience=PURPOSE, options={"require": ["exp", "sub"]}
        )
        found = session.get(RegistrationInvitation, UUID(claims["sub"]))
    except (jwt.PyJWTError, ValueError) as error:
        raise _refused() from error
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise _refused()
    return found


def use_invitation(session: Session, invitation: RegistrationInvitation, registration: Registration) -> None:
    """Mark it used; of two that try at once one gets NotAllowed."""
    used = session.execute(
        update(RegistrationInvitation)
        .where(RegistrationInvitation.id == invitation.id, RegistrationInvitation.used_at.is_(None))
        .values(used_at=now(), registration_id=registration.id)
        .returning(RegistrationInvitation.id)
    ).scalar()
    if used is None:
        raise _refused()


def _refused() -> NotAllowed:
    return NotAllowed("invitation_refused", "This registration link was used, has expired, or is not ours.")
