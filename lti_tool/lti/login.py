"""The first leg of a launch: a platform asks for a login, and the browser is sent on to its authorization endpoint.

Security Framework 1.0 section 5.1.1. State and nonce are random, stored as digests in a `LoginAttempt` and used once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pylti1p3.exception import OIDCException
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from sqlalchemy import DateTime, Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.config import Settings, origin_of
from lti_tool.db import columns, now
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.lti.addresses import launch_url
from lti_tool.lti.library import NoCookies, NoSession, Parameters, ToolConf
from lti_tool.lti.models import LoginAttempt

LIFETIME = timedelta(minutes=10)
MOST_PENDING_PER_ADDRESS = 300
"""A class behind one address logs in at once; a login that was completed no longer counts."""

LONGEST_PARAMETER = 8000


COLUMNS = [column for column in LoginAttempt.__table__.columns if column.name != "created_at"]
PENDING = (
    select(func.count())
    .select_from(LoginAttempt)
    .where(
        LoginAttempt.address_hash == bindparam("address_hash"),
        LoginAttempt.expires_at > bindparam("moment", type_=DateTime(timezone=True)),
    )
)
STORED = (
    insert(LoginAttempt)
    .from_select(
        [column.name for column in COLUMNS],
        select(*(bindparam(column.name, type_=column.type) for column in COLUMNS)).where(
            PENDING.scalar_subquery() < bindparam("most", type_=Integer)
        ),
    )
    .returning(LoginAttempt.state_hash)
    .cte("stored")
)
STORE = select(STORED.c.state_hash)


@dataclass(frozen=True, kw_only=True)
class StartedLogin:
    """Where the browser goes now, and what it must be able to show when it comes back."""

    redirect_url: str
    state: str
    storage_target: str | None
    platform_origin: str


def digest(secret: str) -> str:
    """How states, nonces and browser ids are stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def start_login(
    session: Session,
    settings: Settings,
    parameters: Mapping[str, str],
    *,
    browser_id: str,
    address_hash: str,
) -> StartedLogin:
    """Store a login attempt of this browser; raises InvalidInput or NotAllowed."""
    _check_parameters(parameters)
    target = _own_target(parameters.get("target_link_uri", ""), settings)
    login = _Login(session, parameters)
    redirect_url = login.address(launch_url(settings))
    _store(
        session,
        state_hash=digest(login.state),
        nonce_hash=digest(login.nonce),
        browser_hash=digest(browser_id),
        address_hash=address_hash,
        registration_id=login.registration_id,
        target_link_uri=target,
        deployment_hint=parameters.get("lti_deployment_id") or None,
        login_hint=parameters["login_hint"],
        message_hint=parameters.get("lti_message_hint") or None,
        storage_target=parameters.get("lti_storage_target") or None,
        expires_at=now() + LIFETIME,
    )
    return StartedLogin(
        redirect_url=redirect_url,
        state=login.state,
        storage_target=parameters.get("lti_storage_target") or None,
        platform_origin=origin_of(redirect_url),
    )


def hashed_address(address: str, app_key: str) -> str:
    """A client's address as the rate limit stores it: keyed, because addresses can be enumerated."""
    return hmac.new(app_key.encode(), f"address:{address}".encode(), hashlib.sha256).hexdigest()


class _Login(OIDCLogin[Parameters, ToolConf, NoSession, NoCookies, str]):
    """PyLTI1p3's login with our randomness, which it keeps for the login attempt."""

    def __init__(self, session: Session, parameters: Mapping[str, str]) -> None:
        self.tool_conf = ToolConf(session)
        self.state = f"state-{secrets.token_urlsafe(32)}"
        self.nonce = secrets.token_urlsafe(32)
        super().__init__(
            Parameters(parameters), self.tool_conf, session_service=_NonceAside(), cookie_service=NoCookies()
        )

    def address(self, redirect_uri: str) -> str:
        """The authorization request; raises InvalidInput for what the library refuses."""
        try:
            return self.redirect(redirect_uri)
        except OIDCException as error:
            raise InvalidInput("login_incomplete", "The platform's login request is incomplete.") from error

    @property
    def registration_id(self) -> int:
        assert self.tool_conf.client is not None
        return self.tool_conf.client.id

    def get_redirect(self, url: str) -> Redirect[str]:
        return _Address(url)

    def _get_uuid(self) -> str:
        return self.state.removeprefix("state-")

    def _generate_nonce(self) -> str:
        return self.nonce


class _NonceAside(NoSession):
    """The nonce is stored with the login attempt."""

    def save_nonce(self, nonce: str) -> None:
        return None


class _Address(Redirect[str]):
    """A redirect as the address it leads to; the page kit makes the response."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do_redirect(self) -> str:
        return self.url

    def do_js_redirect(self) -> str:
        return self.url

    def set_redirect_url(self, location: str) -> None:
        self.url = location

    def get_redirect_url(self) -> str:
        return self.url


def _check_parameters(parameters: Mapping[str, str]) -> None:
    if any(len(value) > LONGEST_PARAMETER or "\0" in value for value in parameters.values()):
        raise InvalidInput("login_malformed", "The platform's login request cannot be read.")


def _own_target(target: str, settings: Settings) -> str:
    """Only an address of ours may be asked for: the platform echoes it, and the launch must name the same."""
    try:
        own = origin_of(target) == settings.origin
    except ValueError:
        own = False
    if not own:
        raise InvalidInput("target_foreign", "The platform asked for a page that does not belong to this tool.")
    return target


def _store(session: Session, **values: object) -> None:
    """Add the attempt unless its address has too many unfinished ones; counted and added in one statement."""
    limits = {"most": MOST_PENDING_PER_ADDRESS, "moment": now()}
    if columns(session, STORE, values | limits).scalar() is None:
        raise NotAllowed("login_too_many", "Too many launches were started and not finished. Try again in 10 minutes.")
