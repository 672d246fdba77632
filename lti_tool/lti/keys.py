"""Our own signing keys: made, published, rotated (lti-decisions.md, "Our keys").

A key is published as `next` for a day before it signs, signs as `active`, and stays published as `retired` for two
weeks. A compromised key is another matter: Moodle goes on accepting a withdrawn key until a token request signed with
a key it has never cached succeeds, so the emergency makes brand-new ones and each registration must then ask for one
token (`access_tokens.request_with_key`), after the new set is public.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pylti1p3.registration import Registration as LibraryRegistration
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.lti.models import ToolKey, ToolKeyState
from lti_tool.secrets import Secrets

KEY_SIZE = 2048
PUBLISHED_BEFORE_USE = timedelta(hours=24)
PUBLISHED_AFTER_USE = timedelta(days=14)
LOCK = 1_318_002


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key ready to sign with; never stored or logged."""

    kid: str
    private_pem: str
    public_jwk: dict[str, Any]


def active_key(session: Session, secrets: Secrets) -> SigningKey:
    """The key to sign with now; the first call of an installation makes it."""
    return _opened(_find(session, ToolKeyState.ACTIVE) or _first_keys(session, secrets), secrets)


def key_set(session: Session, secrets: Secrets) -> dict[str, Any]:
    """What the world may verify our signatures with: next, active, and what was retired in the last two weeks."""
    active_key(session, secrets)
    published = session.scalars(
        select(ToolKey.public_jwk)
        .where(or_(ToolKey.retired_at.is_(None), ToolKey.retired_at > now() - PUBLISHED_AFTER_USE))
        .order_by(ToolKey.created_at, ToolKey.kid)
    )
    return {"keys": list(published)}


def rotate(session: Session, secrets: Secrets) -> SigningKey:
    """Take the next key into use; raises InvalidInput until it has been public for a day."""
    active_key(session, secrets)
    _lock(session)
    following, current = _get(session, ToolKeyState.NEXT), _get(session, ToolKeyState.ACTIVE)
    if following.not_before > now():
        raise InvalidInput(
            "key_too_young",
            "The next key may sign from %(not_before)s UTC: caches need a day.",
            {"not_before": f"{following.not_before:%Y-%m-%d %H:%M}"},
        )
    current.state, current.retired_at = ToolKeyState.RETIRED, now()
    session.flush()
    following.state = ToolKeyState.ACTIVE
    session.flush()
    _make(session, secrets, ToolKeyState.NEXT)
    session.execute(delete(ToolKey).where(ToolKey.retired_at < now() - PUBLISHED_AFTER_USE))
    return _opened(following, secrets)


def rotate_emergency(session: Session, secrets: Secrets) -> SigningKey:
    """Withdraw every key and make new ones; commit, then ask each registration's platform for a token with this key."""
    _lock(session)
    session.execute(delete(ToolKey))
    return _opened(_first_keys(session, secrets), secrets)


def _first_keys(session: Session, secrets: Secrets) -> ToolKey:
    """Processes that start together agree on the same keys: one makes them, the others find them."""
    _lock(session)
    made_meanwhile = _find(session, ToolKeyState.ACTIVE)
    if made_meanwhile:
        return made_meanwhile
    _make(session, secrets, ToolKeyState.NEXT)
    return _make(session, secrets, ToolKeyState.ACTIVE)


def _make(session: Session, secrets: Secrets, state: ToolKeyState) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # The library adds `alg` and `use`, without which Moodle fetches the set for every token.
    jwk = dict(LibraryRegistration.get_jwk(public.decode()))
    made = ToolKey(
        kid=jwk["kid"],
        private_pem=secrets.encrypt(pem),
        public_jwk=jwk,
        state=state,
        not_before=now() + (PUBLISHED_BEFORE_USE if state is ToolKeyState.NEXT else timedelta(0)),
    )
    session.add(made)
    session.flush()
    return made


def _opened(key: ToolKey, secrets: Secrets) -> SigningKey:
    return SigningKey(kid=key.kid, private_pem=secrets.decrypt(key.private_pem), public_jwk=key.public_jwk)


def _find(session: Session, state: ToolKeyState) -> ToolKey | None:
    return session.scalar(select(ToolKey).where(ToolKey.state == state).execution_options(populate_existing=True))


def _get(session: Session, state: ToolKeyState) -> ToolKey:
    return session.scalars(
        select(ToolKey).where(ToolKey.state == state).execution_options(populate_existing=True)
    ).one()


def _lock(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
