"""The bearer token for a platform's services: client credentials with a signed assertion (moodle-as-platform.md 1.10).

Authlib signs and asks; the token is kept encrypted in a table until a minute before it expires. One process at a time
asks for it, under an advisory lock of the database: no row is locked while the platform answers.
"""

import re
import secrets as random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.lti.keys import SigningKey, active_key
from lti_tool.lti.models import AccessToken, Registration, RegistrationStatus
from lti_tool.outbound import AddressRule, mount_guard
from lti_tool.secrets import Secrets

TIMEOUT = 10.0
MAX_BYTES = 65_536
LOCK_CLASS = 1_318_001
BACKDATED = timedelta(seconds=20)
"""Moodle has no leeway: an assertion issued one second in its future is refused."""
ASSERTION_LIFE = timedelta(minutes=4)
SPARE = timedelta(minutes=1)
SHORTEST_LIFE, USUAL_LIFE, LONGEST_LIFE = 0, 300, 86_400

OAUTH_ERRORS = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"}
) | {"invalid_scope"}


@dataclass(frozen=True, kw_only=True)
class PlatformAccess:
    """What a call to a platform needs of its registration, taken out of the rows before the call."""

    registration_id: int
    issuer: str
    client_id: str
    token_endpoint: str
    token_audience: str | None
    product_family: str
    allows_private_addresses: bool

    @classmethod
    def of(cls, registration: Registration) -> "PlatformAccess":
        return cls(
            registration_id=registration.id,
            issuer=registration.platform.issuer,
            client_id=registration.client_id,
            token_endpoint=registration.token_endpoint,
            token_audience=registration.token_audience,
            product_family=registration.platform.product_family,
            allows_private_addresses=registration.allows_private_addresses,
        )


@dataclass(frozen=True, kw_only=True)
class GrantedToken:
    """The platform's answer; what it grants may be less than what was asked."""

    value: str
    expires_at: datetime
    scopes: frozenset[str]


def require_active(session: Session, access: PlatformAccess) -> None:
    """Raises NotAllowed (`registration_disabled`): nothing is sent to a platform that an administrator cut off."""
    status = session.scalar(select(Registration.status).where(Registration.id == access.registration_id))
    if status != RegistrationStatus.ACTIVE:
        raise NotAllowed("registration_disabled", "This platform's registration is switched off.")


def access_token(engine: Engine, secrets: Secrets, access: PlatformAccess, scopes: Iterable[str]) -> str:
    """The kept token, or a new one that is then kept; raises PlatformFailed (`token_refused`, `token_unavailable`)."""
    wanted = tuple(sorted(set(scopes)))
    with transaction(engine) as session:
        kept = _kept_token(session, secrets, access, wanted)
        key = None if kept else active_key(session, secrets)
    return kept or _fetch_once(engine, secrets, access, wanted, key)


def drop_token(engine: Engine, access: PlatformAccess, scopes: Iterable[str], token: str, secrets: Secrets) -> None:
    """Forget a token that the platform refused, unless another process has already replaced it."""
    wanted = tuple(sorted(set(scopes)))
    with transaction(engine) as session:
        if _kept_token(session, secrets, access, wanted) == token:
            session.execute(delete(AccessToken).where(*_is_for(access, wanted)))


def request_with_key(access: PlatformAccess, scopes: Iterable[str], key: SigningKey) -> GrantedToken:
    """Ask the platform for a token with this very key; emergency rotation proves a brand-new one with it."""
    client = OAuth2Session(
        client_id=access.client_id, client_secret=key.private_pem, token_endpoint_auth_method="private_key_jwt"
    )
    client.register_client_auth_method(_assertion(access, key))
    client.register_compliance_hook("access_token_response", _accepted)
    rule = AddressRule(allow_private=access.allows_private_addresses, allow_http=access.allows_private_addresses)
    mount_guard(client, rule=rule, max_bytes=MAX_BYTES, timeout=TIMEOUT)
    scope = " ".join(sorted(set(scopes)))
    try:
        answer = client.fetch_token(
            access.token_endpoint, grant_type="client_credentials", scope=scope, allow_redirects=False
        )
        return _granted(answer, scope)
    except requests.RequestException as error:
        raise PlatformFailed("token_unavailable", reason=type(error).__name__) from error
    except (OAuthError, ValueError, KeyError, TypeError) as error:
        raise PlatformFailed("token_refused", reason=type(error).__name__) from error


def _fetch_once(
    engine: Engine, secrets: Secrets, access: PlatformAccess, scopes: tuple[str, ...], key: SigningKey | None
) -> str:
    with transaction(engine) as session:
        session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, access.registration_id)))
        if kept := _kept_token(session, secrets, access, scopes):
            return kept
        granted = request_with_key(access, scopes, key or active_key(session, secrets))
        _keep(session, secrets, access, scopes, granted)
        return granted.value


def _kept_token(session: Session, secrets: Secrets, access: PlatformAccess, scopes: tuple[str, ...]) -> str | None:
    encrypted = session.scalar(
        select(AccessToken.token_encrypted).where(*_is_for(access, scopes), AccessToken.expires_at > now() + SPARE)
    )
    return secrets.decrypt(encrypted) if encrypted else None


def _keep(
    session: Session, secrets: Secrets, access: PlatformAccess, scopes: tuple[str, ...], granted: GrantedToken
) -> None:
    values = {"token_encrypted": secrets.encrypt(granted.value), "expires_at": granted.expires_at}
    row = {"registration_id": access.registration_id, "scopes": " ".join(scopes)}
    session.execute(
        insert(AccessToken)
        .values(**row, **values)
        .on_conflict_do_update(index_elements=["registration_id", "scopes"], set_=values)
    )


def _is_for(access: PlatformAccess, scopes: tuple[str, ...]) -> tuple[Any, ...]:
    return AccessToken.registration_id == access.registration_id, AccessToken.scopes == " ".join(scopes)


def _assertion(access: PlatformAccess, key: SigningKey) -> PrivateKeyJWT:
    issued = now() - BACKDATED
    claims = {
        "iat": int(issued.timestamp()),
        "exp": int((issued + ASSERTION_LIFE).timestamp()),
        "jti": random.token_urlsafe(24),
    }
    return PrivateKeyJWT(access.token_audience or access.token_endpoint, claims=claims, headers={"kid": key.kid})


def _accepted(response: requests.Response) -> requests.Response:
    """Moodle answers every error with 400, as text/html, at times as JSON that cannot be read."""
    if response.status_code == 200:
        return response
    is_passing = response.status_code == 429 or response.status_code >= 500
    raise PlatformFailed(
        "token_unavailable" if is_passing else "token_refused",
        status=response.status_code,
        error=_oauth_error(response.text),
    )


def _oauth_error(text: str) -> str:
    """The error's OAuth word; Moodle puts raw exception texts in its place, which stay out of the log."""
    found = re.search(r'"error"\s*:\s*"+([a-z_]+)"', text)
    return found[1] if found and found[1] in OAUTH_ERRORS else "unknown"


def _granted(answer: dict[str, Any], asked: str) -> GrantedToken:
    life = min(max(int(answer.get("expires_in") or USUAL_LIFE), SHORTEST_LIFE), LONGEST_LIFE)
    return GrantedToken(
        value=str(answer["access_token"]),
        expires_at=now() + timedelta(seconds=life),
        scopes=frozenset(str(answer.get("scope") or asked).split()),
    )
