"""Dynamic registration as Moodle does it (section 1.8): a token that works once, a tool that waits for activation."""

import secrets
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import jwt
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.demo import keys, scopes
from lti_tool.demo.models import Message, Tool
from lti_tool.demo.refusals import Refused
from lti_tool.demo.store import use_once

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
TOKEN_LIFETIME = timedelta(hours=1)
REQUIRED = ("initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", "token_endpoint_auth_method")


class RegistrationTokenRefused(Exception):
    """The registration token is missing or was used before."""


def openid_configuration(issuer: str) -> dict[str, Any]:
    """What a tool reads before it registers."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/lti/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{issuer}/lti/certs",
        "authorization_endpoint": f"{issuer}/lti/auth",
        "registration_endpoint": f"{issuer}/lti/registration",
        "scopes_supported": list(scopes.OFFERED),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": "moodle",
            "version": "4.5 (demo course site)",
            "messages_supported": [{"type": Message.RESOURCE_LINK}, {"type": Message.DEEP_LINKING}],
            "variables": ["Context.id", "Context.id.history", "CourseSection.sourcedId", "User.id"],
        },
    }


def invitation(session: Session, issuer: str, tool_url: str) -> str:
    """The tool's registration address with what the tool needs appended; a query that is there is kept."""
    parts = urlsplit(tool_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("This is not the address of a tool.")
    claims = {
        "aud": _audience(issuer),
        "sub": secrets.token_hex(8),
        "scope": "reg",
        "jti": uuid.uuid4().hex,
        "exp": int((now() + TOKEN_LIFETIME).timestamp()),
    }
    added = {
        "openid_configuration": f"{issuer}/lti/openid-configuration",
        "registration_token": keys.sign(session, claims),
    }
    query = "&".join(part for part in (parts.query, urlencode(added)) if part)
    return urlunsplit(parts._replace(query=query))


def register(session: Session, issuer: str, authorization: str, asked: Any) -> dict[str, Any]:
    """Add the tool, waiting for activation; raises RegistrationTokenRefused or Refused in Moodle's plain words."""
    claims = _token_claims(session, issuer, authorization)
    tool_configuration = _checked(asked)
    if not use_once(session, kind="registration", owner=issuer, value=claims["jti"]):
        raise RegistrationTokenRefused("token_already_used")
    tool = _tool(claims["sub"], asked, tool_configuration)
    session.add(tool)
    session.flush()
    return _reply(tool, asked, tool_configuration)


def _audience(issuer: str) -> str:
    return f"{issuer}/lti/registration"


def _token_claims(session: Session, issuer: str, authorization: str) -> dict[str, Any]:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise RegistrationTokenRefused("missing_registration_token")
    try:
        return keys.verify_own(session, token, _audience(issuer))
    except jwt.PyJWTError as error:
        raise Refused("invalid_registration_token") from error


def _checked(asked: Any) -> dict[str, Any]:
    _require(isinstance(asked, dict), "invalid_json")
    _require("id_token" in asked.get("response_types", []), "invalid_response_types")
    for name in REQUIRED:
        _require(bool(asked.get(name)), f"missing required attribute {name}")
    _require(asked["token_endpoint_auth_method"] == "private_key_jwt", "invalid_token_endpoint_auth_method")
    _require(isinstance(asked["redirect_uris"], list), "invalid_redirect_uris")
    configuration = asked.get(TOOL)
    _require(isinstance(configuration, dict) and bool(configuration.get("domain")), "missing_domain")
    assert isinstance(configuration, dict)
    host = urlsplit(str(configuration.get("target_link_uri", ""))).netloc.removeprefix("www.")
    _require(configuration["domain"] == host, "domain_targetlinkuri_mismatch")
    return configuration


def _tool(client_id: str, asked: dict[str, Any], configuration: dict[str, Any]) -> Tool:
    claims = set(configuration.get("claims", []))
    return Tool(
        client_id=client_id,
        name=asked["client_name"],
        description=configuration.get("description", ""),
        login_url=asked["initiate_login_uri"],
        target_link_uri=configuration["target_link_uri"],
        deep_linking_url=_deep_linking_url(configuration),
        redirect_uris=asked["redirect_uris"],
        keyset_url=asked["jwks_uri"],
        scopes=_granted(asked),
        custom=_custom(configuration),
        shares_names=bool(claims & {"name", "given_name", "family_name"}),
        shares_emails="email" in claims,
    )


def _granted(asked: dict[str, Any]) -> list[str]:
    return [scope for scope in str(asked.get("scope", "")).split() if scope in scopes.OFFERED]


def _deep_linking_url(configuration: dict[str, Any]) -> str | None:
    for message in configuration.get("messages", []):
        if message.get("type") == Message.DEEP_LINKING:
            return str(message.get("target_link_uri") or configuration["target_link_uri"])
    return None


def _custom(configuration: dict[str, Any]) -> dict[str, str]:
    """Moodle keeps `key=value` lines and cuts a value at its second equals sign."""
    parameters = configuration.get("custom_parameters", {})
    return {str(key): str(value).partition("=")[0] for key, value in parameters.items()}


def _reply(tool: Tool, asked: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
    """Moodle names the scope `lineitem` here even if it granted reading alone: only a token's scope can be trusted."""
    named = [scopes.LINE_ITEMS, *(scope for scope in tool.scopes if scope != scopes.LINE_ITEMS)]
    return {
        **asked,
        "client_id": tool.client_id,
        "scope": " ".join(named),
        TOOL: {**configuration, "version": "1.3.0", "deployment_id": str(tool.id)},
    }


def _require(is_right: bool, reason: str) -> None:
    if not is_right:
        raise Refused(reason)
