"""Asking the platforms: do they publish keys, does the clock agree, do they grant what we need?

Made only when a person asks, because each question may take seconds. The kill switch stops the token request too;
reading public keys is what any launch does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.administration.doctor.checks import SKEW, Check, Verdict
from lti_tool.db import now
from lti_tool.errors import ToolError
from lti_tool.lti.access_tokens import PlatformAccess, request_with_key
from lti_tool.lti.dynamic_registration import SCOPES
from lti_tool.lti.keys import SigningKey, active_key
from lti_tool.lti.models import Registration, RegistrationStatus
from lti_tool.outbound import guarded_session
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import read

WANTED = frozenset(SCOPES)
"""What registration asks for: a platform that grants no more is in order."""
TIMEOUT = 5


def active_registrations(session: Session, platform_id: int | None = None) -> Sequence[Registration]:
    """Those of a platform, or all."""
    query = select(Registration).where(Registration.status == RegistrationStatus.ACTIVE).order_by(Registration.id)
    return session.scalars(query if platform_id is None else query.where(Registration.platform_id == platform_id)).all()


def platform_checks(runtime: Runtime, session: Session, platform_id: int | None = None) -> list[Check]:
    """Every active registration, asked now."""
    key = active_key(session, runtime.secrets)
    may_call = read(session, ENABLED)
    checks: list[Check] = []
    for registration in active_registrations(session, platform_id):
        checks += key_set_checks(registration)
        checks.append(_scope_check(PlatformAccess.of(registration), key) if may_call else _silent(registration))
    return checks


def key_set_checks(registration: Registration) -> list[Check]:
    """Reachable, with keys, and by the same clock."""
    issuer = {"issuer": registration.platform.issuer}
    private = registration.allows_private_addresses
    try:
        with guarded_session(allow_private=private, allow_http=private, max_bytes=262_144, timeout=TIMEOUT) as http:
            answer = http.get(registration.keyset_url)
        keys = len(answer.json()["keys"]) if answer.ok else 0
    except (ToolError, requests.RequestException, ValueError, KeyError, TypeError):
        return [
            _check(N_("Platform keys"), Verdict.FAILED, N_("%(issuer)s publishes no keys that we can read."), issuer)
        ]
    if not keys:
        return [
            _check(N_("Platform keys"), Verdict.FAILED, N_("%(issuer)s publishes no keys that we can read."), issuer)
        ]
    found = _check(N_("Platform keys"), Verdict.OK, N_("%(issuer)s publishes its keys."), issuer)
    return [found, clock_check(answer.headers.get("Date"), registration.platform.issuer, now())]


def clock_check(date: str | None, issuer: str, moment: datetime) -> Check:
    """Moodle refuses an assertion that is issued one second in its future."""
    name = N_("Platform clock")
    values: dict[str, object] = {"issuer": issuer}
    try:
        skew = moment - parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return _check(name, Verdict.NOTE, N_("%(issuer)s does not tell its time."), values)
    if abs(skew) > SKEW:
        seconds = {"seconds": round(abs(skew.total_seconds()))}
        return _check(
            name, Verdict.WARNING, N_("%(issuer)s and this machine differ by %(seconds)s seconds."), values | seconds
        )
    return _check(name, Verdict.OK, N_("%(issuer)s and this machine agree."), values)


def _scope_check(access: PlatformAccess, key: SigningKey) -> Check:
    name, values = N_("Platform services"), {"issuer": access.issuer}
    try:
        granted = request_with_key(access, sorted(WANTED), key)
    except ToolError:
        return _check(name, Verdict.FAILED, N_("%(issuer)s gives us no token for grades and participants."), values)
    missing = sorted(scope.rsplit("/", 1)[1] for scope in WANTED - granted.scopes)
    if missing:
        message = N_("%(issuer)s does not allow: %(scopes)s. Switch the services on in the tool's settings there.")
        return _check(name, Verdict.WARNING, message, values | {"scopes": ", ".join(missing)})
    return _check(name, Verdict.OK, N_("%(issuer)s lets us send grades and read participants."), values)


def _silent(registration: Registration) -> Check:
    message = N_("%(issuer)s was not asked: outgoing calls are switched off.")
    return _check(N_("Platform services"), Verdict.NOTE, message, {"issuer": registration.platform.issuer})


def _check(name: str, verdict: Verdict, message: str, values: Mapping[str, object]) -> Check:
    return Check(name=name, verdict=verdict, message=message, values=values)
