"""How long a platform's key set is kept, and which of its keys count."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.lti import key_sets
from lti_tool.lti.key_sets import refetch
from lti_tool.lti.models import PlatformKeySet
from tests.fakes.platform import FakePlatform, public_jwk, rsa_key
from tests.fixtures.people import House


def signing_key(house: House, kid: str) -> object:
    stored = house.session.get(PlatformKeySet, house.registration.id, populate_existing=True)
    return key_sets.signing_key(house.session, house.registration, kid, stored)


def set_times(house: House, *, fetched: timedelta, fresh: timedelta) -> None:
    moment = now()
    house.session.execute(
        update(PlatformKeySet).values(
            fetched_at=moment - fetched, fresh_until=moment + fresh, last_refetch_at=moment - fetched
        )
    )


def test_a_fresh_set_is_not_fetched_again(registered: House, platform: FakePlatform) -> None:
    for _ in range(3):
        signing_key(registered, "kid-1")
    assert platform.fetches == 1


def test_a_stale_set_is_fetched_again(registered: House, platform: FakePlatform) -> None:
    signing_key(registered, "kid-1")
    set_times(registered, fetched=timedelta(hours=1), fresh=timedelta(seconds=-1))
    signing_key(registered, "kid-1")
    assert platform.fetches == 2


@pytest.mark.parametrize(("hours", "usable"), [(23, True), (25, False)])
def test_a_stale_set_serves_a_day_while_the_platform_is_down(
    registered: House, platform: FakePlatform, hours: int, usable: bool
) -> None:
    signing_key(registered, "kid-1")
    set_times(registered, fetched=timedelta(hours=hours), fresh=timedelta(hours=1 - hours))
    platform.respond = lambda request: platform.send(request, b"", "text/html", 500)
    if usable:
        assert signing_key(registered, "kid-1")
    else:
        with pytest.raises(NotAllowed, match="key_set_unavailable"):
            signing_key(registered, "kid-1")


@pytest.mark.parametrize(
    ("header", "seconds"), [("max-age=7200", 7200), ("no-store", 3600), ("max-age=0", 60), ("max-age=9999999", 86400)]
)
def test_the_platform_says_how_long(registered: House, platform: FakePlatform, header: str, seconds: int) -> None:
    platform.cache_control = header
    refetch(registered.session, registered.registration)
    kept = registered.session.get_one(PlatformKeySet, registered.registration.id)
    assert kept.fetched_at is not None and kept.fresh_until == kept.fetched_at + timedelta(seconds=seconds)


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "EC"}])
def test_other_keys_do_not_count(registered: House, platform: FakePlatform, change: dict[str, str]) -> None:
    platform.jwks = {"keys": [public_jwk(rsa_key(1), "kid-1", **change), public_jwk(rsa_key(2), "kid-2")]}
    with pytest.raises(NotAllowed, match="key_unknown"):
        signing_key(registered, "kid-1")


def test_a_key_without_use_and_algorithm_counts(registered: House, platform: FakePlatform) -> None:
    plain = public_jwk(rsa_key(1), "kid-1")
    platform.jwks = {"keys": [{name: value for name, value in plain.items() if name not in {"use", "alg"}}]}
    assert signing_key(registered, "kid-1")


def test_a_second_fetch_within_a_minute_is_not_made(registered: House, platform: FakePlatform) -> None:
    refetch(registered.session, registered.registration)
    refetch(registered.session, registered.registration)
    assert platform.fetches == 1
