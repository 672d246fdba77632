"""The token endpoint: a signed assertion in, a short-lived access token out (security framework 4.1).

Stricter than Moodle, which checks neither audience, issuer, `jti` nor the presence of `exp`; no leeway for a clock
that runs ahead, as in Moodle (moodle-as-platform.md 1.10).
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.demo import keys
from lti_tool.demo.models import AccessToken, Tool, ToolState
from lti_tool.demo.refusals import Refused
from lti_tool.demo.store import use_once

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(hours=1)
LONGEST_ASSERTION = 600
REQUIRED = ["iss", "sub", "aud", "iat", "exp", "jti"]


class TokenRefused(Exception):
    """An error answer of the token endpoint (RFC 6749 section 5.2)."""

    def __init__(self, error: str, description: str = "") -> None:
        self.error = error
        self.description = description
        super().__init__(f"{error} {description}")


def grant(session: Session, endpoint: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The answer of the token endpoint; raises TokenRefused."""
    _require(form.get("grant_type") == "client_credentials", "unsupported_grant_type")
    _require(form.get("client_assertion_type") == ASSERTION_TYPE, "invalid_request", "client_assertion_type")
    tool = _authenticated(session, endpoint, form.get("client_assertion", ""))
    granted = [scope for scope in form.get("scope", "").split() if scope in tool.scopes]
    _require(bool(granted), "invalid_scope")
    value = secrets.token_urlsafe(32)
    session.add(AccessToken(token_hash=_hash(value), tool_id=tool.id, scopes=granted, expires_at=now() + LIFETIME))
    return {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(granted),
    }


def tool_of(session: Session, authorization: str, *, allowed: tuple[str, ...]) -> Tool | None:
    """The tool behind a bearer token that has one of the scopes, or None."""
    kind, _, value = authorization.partition(" ")
    token = session.get(AccessToken, _hash(value)) if kind.lower() == "bearer" else None
    if token is None or token.expires_at <= now() or not set(allowed) & set(token.scopes):
        return None
    return session.get_one(Tool, token.tool_id)


def _authenticated(session: Session, endpoint: str, assertion: str) -> Tool:
    tool = _claimed_tool(session, assertion)
    try:
        claims = keys.verify_tool(tool, assertion, audience=endpoint, required=REQUIRED)
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_client", _words(error)) from error
    except Refused as error:
        raise TokenRefused("invalid_client", error.reason) from error
    _require(claims["iss"] == tool.client_id, "invalid_client", "iss must be the client id")
    _require(claims["exp"] - claims["iat"] <= LONGEST_ASSERTION, "invalid_client", "the assertion lives too long")
    is_first = use_once(session, kind="assertion", owner=tool.client_id, value=str(claims["jti"]))
    _require(is_first, "invalid_client", "jti was used before")
    return tool


def _words(error: jwt.PyJWTError) -> str:
    # Moodle puts quotation marks around "kid" without escaping them: its answer is then no JSON (see endpoints.py).
    return '"kid" invalid, unable to lookup correct key' if isinstance(error, keys.UnknownKey) else str(error)


def _claimed_tool(session: Session, assertion: str) -> Tool:
    """The client is found by the assertion's `sub`, before anything of it is believed."""
    try:
        subject = jwt.decode(assertion, options={"verify_signature": False}).get("sub")
    except jwt.PyJWTError as error:
        raise TokenRefused("invalid_request", "the assertion is no signed token") from error
    found = session.scalar(select(Tool).where(Tool.client_id == str(subject), Tool.state == ToolState.ACTIVE))
    if found is None:
        raise TokenRefused("invalid_client", "unknown or inactive client")
    return found


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _require(is_right: bool, error: str, description: str = "") -> None:
    if not is_right:
        raise TokenRefused(error, description)
