"""The negatives of lti-acceptance.md, X1 to X30: each a visible refusal, never a defect."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from sqlalchemy import select, update

from lti_tool.accounts.models import BoundLaunch, PlacementKind, Role
from lti_tool.app import create_app
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.lti.login import digest
from lti_tool.lti.models import Deployment, LoginAttempt, PlatformKeySet, Registration, RegistrationStatus
from lti_tool.outbound import guarded_session
from lti_tool.runtime import Runtime
from lti_tool.web.browser_cookie import NAME
from tests.fakes.platform import (
    ABSENT,
    AGS,
    DL_SETTINGS,
    INSTITUTION,
    INSTRUCTOR,
    LEARNER,
    SYSTEM,
    FakePlatform,
    ec_key,
    public_jwk,
    rsa_key,
)
from tests.fixtures.launches import ORIGIN, Refused, Visitor, claim
from tests.fixtures.patience import PATIENCE
from tests.fixtures.people import Enter


def public_pem() -> bytes:
    return (
        rsa_key(1)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def encoded(part: dict[str, Any]) -> str:
    return jwt.utils.base64url_encode(json.dumps(part).encode()).decode()


def test_x1_no_algorithm(visitor: Visitor, refused: Refused) -> None:
    login = visitor.login()
    token = f"{encoded({'alg': 'none', 'kid': 'kid-1'})}.{encoded(visitor.claims(login))}."
    refused(visitor.post(login, token), "token_refused")


def test_x2_the_public_key_as_a_shared_secret(visitor: Visitor, refused: Refused) -> None:
    login = visitor.login()
    head = f"{encoded({'alg': 'HS256', 'kid': 'kid-1'})}.{encoded(visitor.claims(login))}"
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), public_pem())
    refused(visitor.post(login, f"{head}.{jwt.utils.base64url_encode(mac).decode()}"), "token_refused")


@pytest.mark.parametrize(("algorithm", "number"), [("RS384", 1), ("ES256", None)])
def test_x3_another_algorithm(visitor: Visitor, refused: Refused, algorithm: str, number: int | None) -> None:
    key = rsa_key(number) if number else ec_key()
    refused(visitor.launch(signing={"algorithm": algorithm, "key": key}), "token_refused")


def test_x4_a_changed_payload(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login()
    head, _, signature = platform.sign(visitor.claims(login)).split(".")
    forged = encoded(visitor.claims(login, "teacher"))
    refused(visitor.post(login, f"{head}.{forged}.{signature}"), "token_refused")


def test_x5_another_key_under_the_right_kid(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(signing={"key": rsa_key(2)}), "token_refused")


@pytest.mark.parametrize("audience", ["client-2", ["client-2"], [], ABSENT])
def test_x6_a_wrong_audience(visitor: Visitor, refused: Refused, audience: Any) -> None:
    refused(visitor.launch(aud=audience), "token_refused")


@pytest.mark.parametrize(
    ("audience", "party"), [(["client-1", "other"], ABSENT), (["client-1", "other"], "other"), ("client-1", "other")]
)
def test_x7_a_wrong_authorized_party(visitor: Visitor, refused: Refused, audience: Any, party: Any) -> None:
    refused(visitor.launch(aud=audience, azp=party), "audience_wrong")


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_x8_no_times(visitor: Visitor, refused: Refused, name: str) -> None:
    refused(visitor.launch(**{name: ABSENT}), "token_refused")


@pytest.mark.parametrize(("seconds", "code"), [(45, "token_refused"), (-700, "token_old")])
def test_x9_issued_in_the_future_or_long_ago(visitor: Visitor, refused: Refused, seconds: int, code: str) -> None:
    moment = int(time.time())
    refused(visitor.launch(iat=moment + seconds, exp=moment + 100), code)


def test_x10_a_replayed_launch(visitor: Visitor, platform: FakePlatform) -> None:
    login = visitor.login()
    token = platform.sign(visitor.claims(login))
    assert visitor.post(login, token).status_code == 303
    assert visitor.post(login, token).status_code == 403


def test_x10_a_nonce_that_the_platform_repeats(visitor: Visitor, platform: FakePlatform) -> None:
    first, second = visitor.login(), visitor.login()
    token = platform.sign(visitor.claims(first))
    visitor.house.session.execute(update(LoginAttempt).values(nonce_hash=digest(first.nonce)))
    assert visitor.post(first, token).status_code == 303
    assert visitor.post(second, token).status_code == 403


def test_x11_a_replay_across_two_workers(committed_visitor: Visitor, committed_runtime: Runtime) -> None:
    login = committed_visitor.login()
    token = committed_visitor.platform.sign(committed_visitor.claims(login))
    workers = [create_app(committed_runtime), create_app(committed_runtime)]
    start = threading.Barrier(len(workers) * 2)

    def post(app: Flask) -> int:
        client = app.test_client()
        client.set_cookie(NAME, committed_visitor.browser_id, domain="127.0.0.1")
        start.wait()
        form = {"state": login.state, "id_token": token}
        return client.post("/lti/launch", data=form, base_url=ORIGIN).status_code

    with ThreadPoolExecutor(max_workers=len(workers) * 2) as pool:
        assert sorted(pool.map(post, workers * 2)) == [303, 403, 403, 403]


def test_x12_an_unknown_state(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login()
    token = platform.sign(visitor.claims(login))
    refused(visitor.post(login, token, state="state-unknown"), "login_unknown")


def test_x12_an_expired_state(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login()
    visitor.house.session.execute(update(LoginAttempt).values(expires_at=now()))
    refused(visitor.post(login, platform.sign(visitor.claims(login))), "login_unknown")


def test_x12_a_state_whose_first_answer_was_refused(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login()
    visitor.post(login, platform.sign(visitor.claims(login), key=rsa_key(2)))
    refused(visitor.post(login, platform.sign(visitor.claims(login))), "login_unknown")


def test_x13_a_state_of_another_registration(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    session, first = visitor.house.session, visitor.house.registration
    second = Registration(
        platform=first.platform,
        client_id="client-2",
        authorization_endpoint=first.authorization_endpoint,
        token_endpoint=first.token_endpoint,
        keyset_url=first.keyset_url,
        allows_private_addresses=True,
    )
    session.add(Deployment(registration=second, deployment_id="1"))
    session.flush()
    login = visitor.login(client_id="client-2")
    refused(visitor.post(login, platform.sign(visitor.claims(login))), "token_refused")


def test_x13_a_token_of_another_issuer(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(iss="http://evil.test"), "registration_mismatch")


def test_x14_a_state_in_another_browser(
    visitor: Visitor, other_visitor: Visitor, platform: FakePlatform, refused: Refused
) -> None:
    login = visitor.login()
    other_visitor.login()
    refused(other_visitor.post(login, platform.sign(visitor.claims(login))), "browser_mismatch")


def test_x14_a_state_in_a_browser_without_cookie(
    visitor: Visitor, other_visitor: Visitor, platform: FakePlatform
) -> None:
    login = visitor.login()
    response = other_visitor.post(login, platform.sign(visitor.claims(login)))
    assert response.status_code == 200 and "Open in a new window" in response.text
    assert not visitor.house.session.scalars(select(BoundLaunch)).all()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "http://unknown.test"}, "registration_unknown"),
        ({"client_id": "unknown"}, "registration_unknown"),
        ({"login_hint": ""}, "login_incomplete"),
        ({"iss": ""}, "login_incomplete"),
        ({"target_link_uri": "http://evil.test/lti/launch"}, "target_foreign"),
        ({"target_link_uri": ""}, "target_foreign"),
        ({"lti_message_hint": "x" * 9000}, "login_malformed"),
    ],
)
def test_x15_x16_a_login_we_cannot_answer(
    visitor: Visitor, refused: Refused, changes: dict[str, str], code: str
) -> None:
    refused(visitor.login(**changes).response, code)


def test_x15_an_unknown_deployment(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login(lti_deployment_id="")
    token = platform.sign(visitor.claims(login, **{claim("deployment_id"): "77"}))
    response = visitor.post(login, token)
    assert "“77” is not registered" in response.text
    refused(response, "deployment_unknown")


def test_x15_a_disabled_deployment(visitor: Visitor, refused: Refused) -> None:
    visitor.house.deployment.is_active = False
    visitor.house.session.flush()
    refused(visitor.launch(), "deployment_disabled")


def test_x15_another_deployment_than_at_login(visitor: Visitor, refused: Refused) -> None:
    visitor.house.session.add(Deployment(registration=visitor.house.registration, deployment_id="2"))
    visitor.house.session.flush()
    refused(visitor.launch(**{claim("deployment_id"): "2"}), "deployment_mismatch")


def test_x15_a_registration_disabled_during_the_launch(
    visitor: Visitor, platform: FakePlatform, refused: Refused
) -> None:
    login = visitor.login()
    visitor.house.registration.status = RegistrationStatus.DISABLED
    visitor.house.session.flush()
    refused(visitor.post(login, platform.sign(visitor.claims(login))), "registration_disabled")


@pytest.mark.parametrize("target", ["http://evil.test/lti/launch", f"{ORIGIN}/other", ABSENT])
def test_x16_another_target_than_at_login(visitor: Visitor, refused: Refused, target: Any) -> None:
    refused(visitor.launch(**{claim("target_link_uri"): target}), "target_mismatch")


WRONG = [[], "text", 7, True, {"a": {"b": 1}}, [{}], None, 1e308, "\0", "\ud800"]
NAMES = [
    *("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "jti", "name", "email"),
    *(claim(name) for name in ("message_type", "version", "deployment_id", "target_link_uri", "roles", "context")),
    *(claim(name) for name in ("resource_link", "launch_presentation", "tool_platform", "lis", "custom", "for_user")),
    *(AGS, DL_SETTINGS),
]


@pytest.mark.parametrize("name", NAMES)
def test_x17_claims_of_every_wrong_type(visitor: Visitor, platform: FakePlatform, name: str) -> None:
    for value in WRONG:
        login = visitor.login()
        claims = visitor.claims(login) | {name: value}
        head = f"{encoded({'alg': 'RS256', 'kid': 'kid-1'})}.{encoded(claims)}"
        algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
        signature = jwt.utils.base64url_encode(algorithm.sign(head.encode(), rsa_key(1))).decode()
        status = visitor.post(login, f"{head}.{signature}").status_code
        assert status == 303 or 400 <= status < 500, (name, value)


@pytest.mark.parametrize("part", ["header", "body"])
@pytest.mark.parametrize("value", [[], "text", 7, None, {"kid": ["kid-1"], "alg": "RS256"}])
def test_x17_a_token_whose_parts_are_no_objects(visitor: Visitor, part: str, value: Any) -> None:
    login = visitor.login()
    parts = {"header": {"alg": "RS256", "kid": "kid-1"}, "body": visitor.claims(login)} | {part: value}
    response = visitor.post(login, f"{encoded(parts['header'])}.{encoded(parts['body'])}.AAAA")
    assert 400 <= response.status_code < 500


def test_x17_a_token_of_300_kilobytes(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("custom"): {"a": "x" * 300_000}}), "token_too_large")


def test_x17_ten_thousand_roles(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("roles"): ["a"] * 10_000}), "claim_malformed")


def test_x17_a_deeply_nested_token(visitor: Visitor, refused: Refused) -> None:
    body = jwt.utils.base64url_encode(b"[" * 40_000).decode()
    refused(visitor.post(visitor.login(), f"{encoded({'alg': 'RS256'})}.{body}.AAAA"), "launch_invalid")


def test_x18_the_platform_answers_with_an_error(visitor: Visitor, refused: Refused) -> None:
    form = {"error": "access_denied<script>", "error_description": "Canary Name", "state": visitor.login().state}
    response = visitor.client.post("/lti/launch", data=form, base_url=ORIGIN)
    assert "<script>" not in response.text
    refused(response, "platform_refused")


def test_x19_a_get_on_the_launch_address(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.client.get("/lti/launch", base_url=ORIGIN), "http_error")


def test_x20_a_learner_reviews_another_learner(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    other = visitor.house.people["other_student"].sub
    refused(visitor.launch("student", **platform.submission_review(other)), "review_not_allowed")


def test_x20_a_learner_reviews_the_own_work(visitor: Visitor, platform: FakePlatform) -> None:
    student = visitor.house.student
    viewer = visitor.viewer(visitor.launch("student", **platform.submission_review(student.sub)))
    assert viewer.reviewed_person_id == student.id


def test_x20_a_teacher_reviews_a_learner(visitor: Visitor, platform: FakePlatform) -> None:
    student = visitor.house.student
    viewer = visitor.viewer(visitor.launch("teacher", **platform.submission_review(student.sub)))
    assert viewer.reviewed_person_id == student.id


@pytest.mark.parametrize("history", ["$Context.id.history", "", "77,78"])
def test_x21_a_placement_of_another_course(visitor: Visitor, history: str) -> None:
    link = visitor.house.other_links[PlacementKind.TUTOR]
    custom = {"placement": str(link.placement_id), "context_history": history}
    viewer = visitor.viewer(visitor.launch("student", **{claim("custom"): custom}))
    assert viewer.placement_id is None


def test_x22_deep_linking_by_a_learner(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    refused(visitor.launch("student", **platform.deep_linking()), "deep_linking_not_allowed")


@pytest.mark.parametrize(
    "roles",
    [
        [f"{INSTITUTION}#Instructor", f"{INSTITUTION}#Faculty"],
        [f"{SYSTEM}#Administrator", LEARNER],
        [f"{INSTITUTION}#Administrator"],
        [f"{SYSTEM}#SysAdmin"],
        ["http://purl.imsglobal.org/vocab/lis/v2/unknown/person#Instructor"],
    ],
)
def test_x23_roles_of_other_scopes_give_nothing(visitor: Visitor, roles: list[str]) -> None:
    assert visitor.viewer(visitor.launch(**{claim("roles"): roles})).role is Role.STUDENT


def test_x23_moodles_site_administrator_is_one(visitor: Visitor) -> None:
    roles = [f"{INSTITUTION}#Administrator", INSTRUCTOR, f"{SYSTEM}#Administrator"]
    assert visitor.viewer(visitor.launch(**{claim("roles"): roles})).role is Role.ADMINISTRATOR


def test_x24_markup_in_what_people_typed(visitor: Visitor) -> None:
    bad = "<script>alert(1)</script>\"'"
    changes = {"name": bad, claim("resource_link"): {"id": "72", "title": bad}}
    changes |= {claim("launch_presentation"): {"locale": bad}, claim("context"): {"id": "2", "title": bad}}
    page = visitor.follow(visitor.launch("teacher", **changes))
    assert not page.find_all("script", string="alert(1)")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil", "http:///x", "http://[", 5])
def test_x24_a_return_address_that_is_none(visitor: Visitor, refused: Refused, address: Any) -> None:
    refused(visitor.launch(**{claim("launch_presentation"): {"return_url": address}}), "claim_malformed")


def test_x24_a_deep_linking_return_address_that_is_none(
    visitor: Visitor, platform: FakePlatform, refused: Refused
) -> None:
    changes = platform.deep_linking(deep_link_return_url="javascript:alert(1)")
    refused(visitor.launch("teacher", **changes), "claim_malformed")


def key_set_down(platform: FakePlatform) -> None:
    platform.respond = lambda request: platform.send(request, b"no", "text/plain", 503)


def key_set_html(platform: FakePlatform) -> None:
    platform.respond = lambda request: platform.send(request, b"<html>", "text/html")


def key_set_huge(platform: FakePlatform) -> None:
    platform.respond = lambda request: platform.send(request, b" " * 10_000_000, "application/json")


def key_set_double(platform: FakePlatform) -> None:
    platform.jwks = {"keys": [public_jwk(rsa_key(1), "kid-1"), public_jwk(rsa_key(2), "kid-1")]}


def key_set_closed(platform: FakePlatform) -> None:
    platform.__exit__()


def key_set_odd(platform: FakePlatform) -> None:
    platform.jwks = {"keys": [7, None, {"kid": 5}]}


@pytest.mark.parametrize(
    "break_it", [key_set_down, key_set_html, key_set_huge, key_set_double, key_set_closed, key_set_odd]
)
def test_x25_a_key_set_that_cannot_be_used(
    visitor: Visitor, platform: FakePlatform, refused: Refused, break_it: Any
) -> None:
    break_it(platform)
    refused(visitor.launch(), "key_set_unavailable")


def test_x25_a_slow_key_set(
    visitor: Visitor, platform: FakePlatform, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.lti.key_sets.TIMEOUT", 0.05)
    is_given_up = threading.Event()
    platform.respond = lambda request: is_given_up.wait(PATIENCE)
    refused(visitor.launch(), "key_set_unavailable")
    is_given_up.set()


def test_x26_a_rotated_platform_key(visitor: Visitor, platform: FakePlatform) -> None:
    assert visitor.launch().status_code == 303
    age_key_set(visitor)
    assert visitor.launch(signing=platform.rotate()).status_code == 303


def test_x26_a_withdrawn_platform_key(visitor: Visitor, platform: FakePlatform) -> None:
    visitor.launch()
    age_key_set(visitor)
    visitor.launch(signing=platform.rotate())
    assert visitor.launch().status_code == 403


def test_x27_a_flood_of_unknown_kids_fetches_once(committed_visitor: Visitor) -> None:
    committed_visitor.launch()
    age_key_set(committed_visitor)
    for number in range(5):
        committed_visitor.launch(signing={"kid": f"unknown-{number}"})
    assert committed_visitor.platform.fetches == 2


def age_key_set(visitor: Visitor) -> None:
    """The last fetch was two minutes ago."""
    ago = PlatformKeySet.last_refetch_at - timedelta(minutes=2)
    visitor.house.session.execute(update(PlatformKeySet).values(last_refetch_at=ago))
    visitor.house.session.commit()


@pytest.mark.parametrize("url", ["http://127.0.0.1/certs", "https://127.0.0.1/", "https://169.254.169.254/latest"])
def test_x28_addresses_of_the_inside(visitor: Visitor, refused: Refused, url: str) -> None:
    visitor.house.registration.allows_private_addresses = False
    visitor.house.registration.keyset_url = url
    visitor.house.session.flush()
    refused(visitor.launch(), "key_set_unavailable")


def test_x28_cloud_metadata_even_where_private_addresses_are_allowed() -> None:
    with (
        guarded_session(allow_private=True, allow_http=True, max_bytes=100, timeout=1) as http,
        pytest.raises(InvalidInput, match="address_refused"),
    ):
        http.get("http://169.254.169.254/latest/meta-data")


@pytest.mark.parametrize("path", ["launch/picker", "grading/", "material/"])
def test_x30_a_learners_launch_on_a_teachers_page(enter: Enter, path: str) -> None:
    assert enter("student").get(path).status_code in {403, 404}


def test_x30_a_learners_launch_on_the_deep_linking_address(enter: Enter) -> None:
    student = enter("student", message="deep_linking")
    response = student.client.post(
        "/lti/deep-link",
        data={"launch_id": str(student.launch_id), "kind": "tutor"},
        base_url=ORIGIN,
        headers={"Origin": ORIGIN},
    )
    assert response.status_code == 403
