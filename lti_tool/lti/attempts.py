"""Finding a login attempt for the launch that answers it, and using it up: once, whatever arrives twice."""

from datetime import timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import BigInteger, DateTime, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import columns, now
from lti_tool.errors import NotAllowed
from lti_tool.lti.key_sets import KEY_COLUMNS, StoredKeys
from lti_tool.lti.models import Deployment, LoginAttempt, PlatformKeySet, Registration, UsedNonce
from lti_tool.lti.registrations import CLIENT_COLUMNS, INSTALLATION_COLUMNS, Client, Installation

NONCE_KEPT = timedelta(minutes=15)


class Attempt(NamedTuple):
    """A login under way, and all that its answer is checked against; no deployment where the login named none."""

    client: Client
    stored_keys: StoredKeys
    deployment: Installation | None
    state_hash: str
    nonce_hash: str
    browser_hash: str
    target_link_uri: str
    deployment_hint: str | None
    login_hint: str
    message_hint: str | None
    storage_target: str | None


OWN_COLUMNS = (
    *(LoginAttempt.state_hash, LoginAttempt.nonce_hash, LoginAttempt.browser_hash, LoginAttempt.target_link_uri),
    *(LoginAttempt.deployment_hint, LoginAttempt.login_hint, LoginAttempt.message_hint, LoginAttempt.storage_target),
)
ATTEMPT = (
    select(*CLIENT_COLUMNS, *KEY_COLUMNS, *INSTALLATION_COLUMNS, *OWN_COLUMNS)
    .select_from(LoginAttempt)
    .join(LoginAttempt.registration)
    .join(Registration.platform)
    .outerjoin(PlatformKeySet, PlatformKeySet.registration_id == LoginAttempt.registration_id)
    .outerjoin(
        Deployment,
        (Deployment.registration_id == LoginAttempt.registration_id)
        & (Deployment.deployment_id == LoginAttempt.deployment_hint),
    )
    .where(LoginAttempt.state_hash == bindparam("state_hash"), LoginAttempt.expires_at > bindparam("moment"))
)

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


def find_attempt(session: Session, state_hash: str) -> Attempt | None:
    """All that a launch needs to be checked, in one reading; None where nothing is under way with this state."""
    found = columns(session, ATTEMPT, {"state_hash": state_hash, "moment": now()}).one_or_none()
    if found is None:
        return None
    values = iter(found)
    client = Client(*islice(values, len(CLIENT_COLUMNS)))
    stored_keys = StoredKeys(*islice(values, len(KEY_COLUMNS)))
    deployment = Installation(*islice(values, len(INSTALLATION_COLUMNS)))
    return Attempt(client, stored_keys, deployment if deployment.id else None, *values)


def consume(session: Session, attempt: Attempt) -> None:
    """Exactly one of several requests with this state, in whatever process, gets the row; a nonce counts once."""
    values = {
        "state_hash": attempt.state_hash,
        "moment": now(),
        "platform_id": attempt.client.platform_id,
        "kept_until": now() + NONCE_KEPT,
    }
    if columns(session, CONSUME, values).scalar() is None:
        raise NotAllowed("login_used", "This launch was already used. Open the activity again.")
