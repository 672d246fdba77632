"""A token is asked for once, kept encrypted for all processes, and dropped when the platform refuses it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qsl

import jwt
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import PlatformFailed
from lti_tool.lti import keys
from lti_tool.lti.access_tokens import PlatformAccess, access_token, drop_token, request_with_key
from lti_tool.lti.line_items import GRADING
from lti_tool.lti.models import AccessToken
from lti_tool.runtime import Runtime
from tests.fakes.services import Canned, FakeServices
from tests.fixtures.people import House
from tests.fixtures.services import Served


@pytest.fixture
def access(connected: House) -> PlatformAccess:
    return PlatformAccess.of(connected.registration)


def token(runtime: Runtime, access: PlatformAccess) -> str:
    return access_token(runtime.engine, runtime.secrets, access, GRADING)


def claims_of(moodle: FakeServices) -> dict[str, object]:
    form = dict(parse_qsl(moodle.received("token")[-1].body))
    claims: dict[str, object] = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    return claims


def test_a_token_is_asked_for_once(runtime: Runtime, access: PlatformAccess, moodle: FakeServices) -> None:
    assert token(runtime, access) == token(runtime, access)
    assert len(moodle.received("token")) == 1


def test_threads_that_need_a_token_at_once_ask_once(served: Served) -> None:
    access = PlatformAccess.of(served.house.registration)
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: token(served.runtime, access), range(8)))
    assert len(tokens) == 1 and len(served.moodle.received("token")) == 1


def test_the_kept_token_is_not_readable(runtime: Runtime, access: PlatformAccess, session: Session) -> None:
    value = token(runtime, access)
    kept = session.scalars(select(AccessToken.token_encrypted)).one()
    assert value not in kept and runtime.secrets.decrypt(kept) == value


def test_a_token_is_replaced_a_minute_before_it_expires(
    runtime: Runtime, access: PlatformAccess, session: Session, moodle: FakeServices
) -> None:
    first = token(runtime, access)
    session.execute(update(AccessToken).values(expires_at=now() + timedelta(seconds=59)))
    assert token(runtime, access) != first
    assert len(moodle.received("token")) == 2


def test_other_scopes_need_another_token(runtime: Runtime, access: PlatformAccess) -> None:
    assert token(runtime, access) != access_token(runtime.engine, runtime.secrets, access, ["another"])


def test_a_dropped_token_is_not_given_again(runtime: Runtime, access: PlatformAccess) -> None:
    first = token(runtime, access)
    drop_token(runtime.engine, access, GRADING, first, runtime.secrets)
    assert token(runtime, access) != first


def test_dropping_an_old_token_keeps_its_successor(runtime: Runtime, access: PlatformAccess) -> None:
    kept = token(runtime, access)
    drop_token(runtime.engine, access, GRADING, "an older one", runtime.secrets)
    assert token(runtime, access) == kept


def test_the_assertion_is_backdated_short_and_for_the_endpoint(
    runtime: Runtime, access: PlatformAccess, moodle: FakeServices
) -> None:
    token(runtime, access)
    claims = claims_of(moodle)
    assert claims["iss"] == claims["sub"] == "client-1" and claims["aud"] == moodle.token_url and claims["jti"]
    age = now().timestamp() - int(str(claims["iat"]))
    assert 10 <= age <= 30 and int(str(claims["exp"])) - int(str(claims["iat"])) <= 300


def test_a_registration_may_name_another_audience(runtime: Runtime, connected: House, moodle: FakeServices) -> None:
    connected.registration.token_audience = "https://audience.test"
    with pytest.raises(PlatformFailed):
        token(runtime, PlatformAccess.of(connected.registration))
    assert claims_of(moodle)["aud"] == "https://audience.test"


def test_two_tokens_have_two_assertion_ids(
    runtime: Runtime, access: PlatformAccess, session: Session, moodle: FakeServices
) -> None:
    key = keys.active_key(session, runtime.secrets)
    ids = []
    for _ in range(2):
        request_with_key(access, GRADING, key)
        ids.append(claims_of(moodle)["jti"])
    assert ids[0] != ids[1]


def test_an_emergency_key_can_be_proved_by_name(
    runtime: Runtime, access: PlatformAccess, session: Session, moodle: FakeServices
) -> None:
    fresh = keys.rotate_emergency(session, runtime.secrets)
    published = keys.key_set(session, runtime.secrets)
    moodle.tool_keys = lambda: published
    granted = request_with_key(access, GRADING, fresh)
    form = dict(parse_qsl(moodle.received("token")[-1].body))
    assert granted.value and jwt.get_unverified_header(form["client_assertion"])["kid"] == fresh.kid


def test_a_platform_that_is_down_is_not_a_wrong_registration(
    runtime: Runtime, access: PlatformAccess, moodle: FakeServices
) -> None:
    moodle.answer_next("POST", "token", Canned(503))
    with pytest.raises(PlatformFailed) as failure:
        token(runtime, access)
    assert failure.value.code == "token_unavailable"


def test_a_hang_up_is_a_platform_that_is_down(runtime: Runtime, access: PlatformAccess, moodle: FakeServices) -> None:
    moodle.answer_next("POST", "token", Canned(hang_up=True))
    with pytest.raises(PlatformFailed) as failure:
        token(runtime, access)
    assert failure.value.code == "token_unavailable"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"token_type": "Bearer"}'])
def test_an_answer_without_a_token_is_refused(
    runtime: Runtime, access: PlatformAccess, moodle: FakeServices, body: str
) -> None:
    moodle.answer_next("POST", "token", Canned(200, body))
    with pytest.raises(PlatformFailed) as failure:
        token(runtime, access)
    assert failure.value.code == "token_refused"


def test_a_private_address_is_refused_unless_the_registration_allows_it(
    runtime: Runtime, connected: House, moodle: FakeServices
) -> None:
    connected.registration.allows_private_addresses = False
    with pytest.raises(Exception, match="address_refused"):
        token(runtime, PlatformAccess.of(connected.registration))
    assert not moodle.requests
