"""Finding a login attempt for the launch that answers it, and using it up: once, whatever arrives twice."""

from datetime import timedelta

from sqlalchemy import BigInteger, DateTime, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager, lazyload

from lti_tool.db import columns, now
from lti_tool.errors import NotAllowed
from lti_tool.lti.models import Deployment, LoginAttempt, PlatformKeySet, Registration, UsedNonce

NONCE_KEPT = timedelta(minutes=15)

ATTEMPT = (
    select(LoginAttempt, PlatformKeySet, Deployment)
    .join(LoginAttempt.registration)
    .join(Registration.platform)
    .outerjoin(PlatformKeySet, PlatformKeySet.registration_id == LoginAttempt.registration_id)
    .outerjoin(
        Deployment,
        (Deployment.registration_id == LoginAttempt.registration_id)
        & (Deployment.deployment_id == LoginAttempt.deployment_hint),
    )
    .where(LoginAttempt.state_hash == bindparam("state_hash"), LoginAttempt.expires_at > bindparam("moment"))
    .options(
        contains_eager(LoginAttempt.registration).contains_eager(Registration.platform),
        lazyload(Deployment.registration),
    )
)
"""All that a launch needs to be checked, in one reading."""

TAKEN = (
    delete(LoginAttempt)
    .where(LoginAttempt.state_hash == bindparam("state_hash"), LoginAttempt.expires_at > bindparam("moment"))
    .returning(LoginAttempt.nonce_hash)
    .cte("taken")
)
KEPT = (
    insert(UsedNonce)
    .from_select(
        ["platform_id", "nonce_hash", "expires_at"],
        select(
            bindparam("platform_id", type_=BigInteger),
            TAKEN.c.nonce_hash,
            bindparam("kept_until", type_=DateTime(timezone=True)),
        ),
    )
    .on_conflict_do_nothing()
    .returning(UsedNonce.nonce_hash)
    .cte("kept")
)
CONSUME = select(KEPT.c.nonce_hash)


def consume(session: Session, attempt: LoginAttempt) -> None:
    """Exactly one of several requests with this state, in whatever process, gets the row; a nonce counts once."""
    values = {
        "state_hash": attempt.state_hash,
        "moment": now(),
        "platform_id": attempt.registration.platform_id,
        "kept_until": now() + NONCE_KEPT,
    }
    if columns(session, CONSUME, values).scalar() is None:
        raise NotAllowed("login_used", "This launch was already used. Open the activity again.")
