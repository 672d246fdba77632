"""A platform's public keys: fetched seldom, shared by all processes, and again when a new key id appears.

A set is fresh for an hour unless the platform's Cache-Control says otherwise (up to a day). An unknown key id causes
one fetch, at most one a minute for a registration, so a flood of forged tokens cannot become a flood of fetches (X27).
"""

import json
import logging
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
import requests
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import now, separate_transaction
from lti_tool.errors import NotAllowed, PlatformFailed, ToolError
from lti_tool.lti.models import PlatformKeySet, Registration
from lti_tool.lti.registrations import Client
from lti_tool.outbound import guarded_session

log = logging.getLogger(__name__)

UNAVAILABLE = "key_set_unavailable"
LOCK_CLASS = 1_318_003
TIMEOUT = 5
MAX_BYTES = 256 * 1024
USUAL_LIFETIME = timedelta(hours=1)
LONGEST_LIFETIME = timedelta(hours=24)
REFETCH_PAUSE = timedelta(seconds=60)
ALGORITHM = "RS256"
MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class StoredKeys(NamedTuple):
    """A stored set as a launch reads it; without any there is no time until which it is fresh."""

    keys: list[Any]
    fresh_until: datetime | None


KEY_COLUMNS = (PlatformKeySet.keys, PlatformKeySet.fresh_until)


def signing_key(
    session: Session, client: Client | Registration, kid: str, stored: StoredKeys | PlatformKeySet | None
) -> jwt.PyJWK:
    """The platform's key with this id, from the stored set or a new one; raises NotAllowed when there is none."""
    key = _key(stored.keys, kid) if stored and _is_fresh(stored) else None
    if key is None:
        fetched = refetch(session, session.get_one(Registration, client.id))
        if fetched is None or not _is_usable(fetched):
            raise NotAllowed(UNAVAILABLE, "The platform's keys cannot be read now. Try again in a minute.")
        key = _key(fetched.keys, kid)
    if key is None:
        raise NotAllowed("key_unknown", "This launch is signed with a key that the platform does not publish.")
    return key


def refetch(session: Session, registration: Registration) -> PlatformKeySet | None:
    """The set as it is after a fetch, whoever made it; unchanged if that failed or the pause is not over."""
    with separate_transaction(session) as turn:
        if turn.scalar(select(func.pg_try_advisory_xact_lock(LOCK_CLASS, registration.id))):
            if _claim(session, registration.id):
                _fetch_and_keep(session, registration)
        else:
            # Another launch is fetching at this moment: its result is ours, too.
            turn.execute(select(func.pg_advisory_xact_lock_shared(LOCK_CLASS, registration.id)))
    return session.get(PlatformKeySet, registration.id, populate_existing=True)


def _fetch_and_keep(session: Session, registration: Registration) -> None:
    """Kept whatever becomes of this request; a failure leaves what there was."""
    try:
        keys, lifetime = _fetch(registration)
    except ToolError as error:
        log.warning("key_set_fetch_failed", extra={"registration": registration.id, "code": error.code})
        return
    moment = now()
    with separate_transaction(session) as apart:
        apart.execute(
            update(PlatformKeySet)
            .where(PlatformKeySet.registration_id == registration.id)
            .values(keys=keys, fetched_at=moment, fresh_until=moment + lifetime)
        )


def _claim(session: Session, registration_id: int) -> bool:
    """Take the one fetch of this minute; committed before the network is touched."""
    moment = func.clock_timestamp()
    statement = (
        insert(PlatformKeySet)
        .values(registration_id=registration_id, keys=[], last_refetch_at=moment)
        .on_conflict_do_update(
            index_elements=["registration_id"],
            set_={"last_refetch_at": moment},
            where=PlatformKeySet.last_refetch_at < moment - REFETCH_PAUSE,
        )
        .returning(PlatformKeySet.registration_id)
    )
    with separate_transaction(session) as apart:
        return apart.execute(statement).first() is not None


def _fetch(registration: Registration) -> tuple[list[Any], timedelta]:
    private = registration.allows_private_addresses
    guarded = guarded_session(allow_private=private, allow_http=private, max_bytes=MAX_BYTES, timeout=TIMEOUT)
    with guarded as http:
        response = http.get(registration.keyset_url, headers={"Accept": "application/json"})
        if response.status_code != requests.codes.ok:
            raise PlatformFailed("key_set_refused", status=response.status_code)
        return _usable_keys(response), _lifetime(response.headers.get("Cache-Control", ""))


def _usable_keys(response: requests.Response) -> list[Any]:
    """The RSA signature keys of a set; raises PlatformFailed for what is not one, or names one id twice."""
    try:
        keys = [key for key in response.json()["keys"] if _may_sign(key)]
        kids = [key["kid"] for key in keys]
        if len(set(kids)) != len(kids):
            raise ValueError("one kid names two keys")
        for key in keys:
            jwt.PyJWK(key, algorithm=ALGORITHM)
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise PlatformFailed("key_set_unusable", reason=type(error).__name__) from error
    return keys


def _may_sign(key: dict[str, Any]) -> bool:
    return (
        key.get("kty") == "RSA"
        and isinstance(key.get("kid"), str)
        and key.get("use", "sig") == "sig"
        and key.get("alg", ALGORITHM) == ALGORITHM
    )


def _lifetime(cache_control: str) -> timedelta:
    stated = MAX_AGE.search(cache_control)
    if stated is None:
        return USUAL_LIFETIME
    return min(max(timedelta(seconds=int(stated[1])), REFETCH_PAUSE), LONGEST_LIFETIME)


def _is_fresh(stored: StoredKeys | PlatformKeySet) -> bool:
    return stored.fresh_until is not None and stored.fresh_until > now()


def _is_usable(stored: PlatformKeySet) -> bool:
    """A set outlives its freshness by a day, so that a platform whose key set is down can still launch."""
    return stored.fetched_at is not None and stored.fetched_at > now() - LONGEST_LIFETIME


def _key(keys: list[Any], kid: str) -> jwt.PyJWK | None:
    matching = next((key for key in keys if key["kid"] == kid), None)
    return _parsed(json.dumps(matching)) if matching else None


@lru_cache(maxsize=64)
def _parsed(key: str) -> jwt.PyJWK:
    """By its whole content, so a key that the platform replaced is another one."""
    return jwt.PyJWK(json.loads(key), algorithm=ALGORITHM)
