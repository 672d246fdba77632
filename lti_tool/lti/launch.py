"""From a posted id_token to a `Launch`: the checks of the Security Framework 1.0 section 5.1.3, and those of ours.

PyLTI1p3's `MessageLaunch` holds the order of the steps and the message validators. Its own checks accept a replay, a
token without `exp`, a foreign `target_link_uri` and claims of the wrong type (lti-decisions.md has the table), so the
steps of state, signature, nonce and message are tightened here. Nothing is consumed before everything is checked.
"""

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import requests
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.config import Settings, origin_of
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.lti import key_sets
from lti_tool.lti.attempts import Attempt, consume, find_attempt
from lti_tool.lti.claims import Claims, Message, read_claims
from lti_tool.lti.course_modules import course_module_of
from lti_tool.lti.library import NoCookies, NoSession, Parameters, ToolConf
from lti_tool.lti.login import digest
from lti_tool.lti.models import Platform
from lti_tool.lti.registrations import Client, require_active

LONGEST_TOKEN = 64 * 1024
LEEWAY = timedelta(seconds=30)
"""Moodle's tokens live for 60 seconds, so a clock that is a little off must not matter."""
OLDEST = timedelta(minutes=10)
REQUIRED = ["exp", "iat", "nonce", "iss", "aud", "sub"]
UNUSED_HTTP = requests.Session()
"""The library wants a session for fetching keys; `key_sets` fetches them instead."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A validated launch that came back to the browser that started it, and cannot be used again.

    `course_module` is what the login request called the activity; nobody has signed it (course_modules.py).
    """

    claims: Claims
    message: Message
    platform_id: int
    registration_id: int
    deployment_id: int
    course_module: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnboundLaunch:
    """A valid token from a browser that has shown nothing: it may start again, and gets no launch."""

    issuer: str
    client_id: str
    product_family: str
    platform_origin: str
    target_link_uri: str
    login_hint: str
    message_hint: str | None
    deployment_hint: str | None
    storage_target: str | None


def receive(
    session: Session, settings: Settings, form: Mapping[str, str], *, browser_id: str | None
) -> Launch | UnboundLaunch:
    """Check the posted message and use it up; raises InvalidInput or NotAllowed, and then nothing has changed."""
    _refuse_error(form)
    message = _Message(session, settings, form)
    try:
        message.validate()
    except LtiException as error:
        raise InvalidInput("launch_invalid", "The platform's launch message is not valid.", reason=error) from error
    if browser_id is None:
        return _unbound(message.attempt)
    if not hmac.compare_digest(digest(browser_id), message.attempt.browser_hash):
        raise NotAllowed("browser_mismatch", "This launch was started in another browser. Open it again.")
    consume(session, message.attempt)
    _learn_platform(session, message.attempt.client, message.claims)
    return message.launch()


class _Message(MessageLaunch[Parameters, ToolConf, NoSession, NoCookies]):
    """The steps of the library in its order, each at least as strict as the acceptance table."""

    attempt: Attempt
    claims: Claims

    def __init__(self, session: Session, settings: Settings, form: Mapping[str, str]) -> None:
        self.session = session
        self.settings = settings
        super().__init__(
            Parameters(form),
            ToolConf(session),
            session_service=NoSession(),
            cookie_service=NoCookies(),
            requests_session=UNUSED_HTTP,
        )

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    def launch(self) -> Launch:
        client, deployment = self.attempt.client, self._tool_config.deployment
        assert self.claims.message is not None and deployment is not None
        family = self.claims.platform.product_family or client.product_family
        return Launch(
            claims=self.claims,
            message=self.claims.message,
            platform_id=client.platform_id,
            registration_id=client.id,
            deployment_id=deployment.id,
            course_module=course_module_of(family, self.attempt.message_hint),
        )

    def validate_state(self) -> "_Message":
        """The login attempt says which registration may answer (X13)."""
        found = find_attempt(self.session, digest(self._get_request_param("state")))
        if found is None:
            raise NotAllowed("login_unknown", "This launch has expired or was already used. Open the activity again.")
        require_active(found.client)
        self.attempt = found
        self._tool_config.client, self._tool_config.deployment = found.client, found.deployment
        return self

    def validate_jwt_format(self) -> "_Message":
        if len(self._get_id_token()) > LONGEST_TOKEN:
            raise InvalidInput("token_too_large", "The platform's launch message is too large.")
        super().validate_jwt_format()
        if not isinstance(self._jwt["header"], dict) or not isinstance(self._jwt["body"], dict):
            raise InvalidInput("token_malformed", "The platform's launch message is malformed.")
        read_claims(dict(self._jwt["body"]))
        return self

    def validate_nonce(self) -> "_Message":
        if digest(self._get_jwt_body().get("nonce") or "") != self.attempt.nonce_hash:
            raise NotAllowed("nonce_wrong", "This launch does not answer the login that was started.")
        return self

    def get_client_id(self) -> str:
        """Ours of the audience; several need an `azp` that names us."""
        body = dict(self._get_jwt_body())
        client_id = self.attempt.client.client_id
        audience = body.get("aud")
        several = isinstance(audience, list) and len(audience) > 1
        if (several or body.get("azp") is not None) and body.get("azp") != client_id:
            raise NotAllowed("audience_wrong", "This launch is meant for another tool.")
        return client_id

    def validate_jwt_signature(self) -> "_Message":
        """From here on the body is the verified one."""
        client = self.attempt.client
        kid = self._jwt["header"].get("kid")
        if not isinstance(kid, str) or not kid:
            raise InvalidInput("key_unnamed", "The platform's launch message does not name its key.")
        key = key_sets.signing_key(self.session, client, kid, self.attempt.stored_keys)
        body = _verified(self._get_id_token(), key, client)
        self.claims = read_claims(body)
        self._jwt["body"] = body  # type: ignore[typeddict-item]  # read_claims has checked what we use of it
        return self

    def validate_deployment(self) -> "_Message":
        super().validate_deployment()
        hint = self.attempt.deployment_hint
        if hint is not None and hint != self.claims.deployment_id:
            raise NotAllowed("deployment_mismatch", "This launch answers a login of another installation.")
        return self

    def validate_message(self) -> "_Message":
        super().validate_message()
        if self.claims.message is None:
            raise InvalidInput("message_unsupported", "This kind of launch is not supported.")
        if self.claims.message is Message.DEEP_LINKING and self.claims.deep_linking is None:
            raise InvalidInput("deep_linking_incomplete", "The platform did not say where to send the chosen items.")
        self._check_target()
        return self

    def save_launch_data(self) -> "_Message":
        """Nothing of the token is kept."""
        return self

    def _check_target(self) -> None:
        """The page that was asked for at login (X16); deep linking requests may leave it out."""
        target = self.claims.target_link_uri
        if target is None and self.claims.message is Message.DEEP_LINKING:
            return
        if target is None or origin_of(target) != self.settings.origin or target != self.attempt.target_link_uri:
            raise InvalidInput("target_mismatch", "This launch is for another page than its login.")


def _verified(token: str, key: jwt.PyJWK, client: Client) -> dict[str, Any]:
    try:
        body: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key_sets.ALGORITHM],
            audience=client.client_id,
            issuer=client.issuer,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise NotAllowed(
            "token_refused", "The platform's launch message could not be verified.", reason=type(error).__name__
        ) from error
    if datetime.fromtimestamp(body["iat"], UTC) < now() - OLDEST - LEEWAY:
        raise NotAllowed("token_old", "This launch is too old. Open the activity again.")
    # The library's validators take a claim that is null for one that is there.
    return {name: value for name, value in body.items() if value is not None}


def _learn_platform(session: Session, client: Client, claims: Claims) -> None:
    """What the platform says about itself now; an unchanged row is not written."""
    told = {name: value for name, value in asdict(claims.platform).items() if value and getattr(client, name) != value}
    if told:
        session.execute(update(Platform).where(Platform.id == client.platform_id).values(told))


def _refuse_error(form: Mapping[str, str]) -> None:
    """Moodle answers a refused authorization on the redirect URI, without a token (X18)."""
    if "error" in form:
        code = "".join(letter for letter in form["error"][:40] if letter.isalnum() or letter in "_-")
        raise NotAllowed("platform_refused", "The platform refused the login. Open the activity again.", answer=code)


def _unbound(attempt: Attempt) -> UnboundLaunch:
    client = attempt.client
    return UnboundLaunch(
        issuer=client.issuer,
        client_id=client.client_id,
        product_family=client.product_family,
        platform_origin=origin_of(client.authorization_endpoint),
        target_link_uri=attempt.target_link_uri,
        login_hint=attempt.login_hint,
        message_hint=attempt.message_hint,
        deployment_hint=attempt.deployment_hint,
        storage_target=attempt.storage_target,
    )
