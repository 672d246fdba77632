"""The token endpoint checks the assertion more strictly than Moodle (moodle-as-platform.md 1.10)."""

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from werkzeug.test import TestResponse

from lti_tool.db import now
from lti_tool.demo import scopes
from lti_tool.demo.models import Tool, ToolState
from tests.fakes.tool import key_number
from tests.fixtures.demo import CourseSite


def post(site: CourseSite, assertion: str, **changes: str) -> TestResponse:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "scope": f"{scopes.SCORES} {scopes.ROSTER}",
    }
    return site.post("/lti/token", data={**form, **changes})


def good(site: CourseSite, **changes: Any) -> dict[str, Any]:
    return site.tool.assertion(f"{site.url}/lti/token", **changes)


def moment(seconds: int) -> int:
    return int(now().timestamp()) + seconds


def test_a_good_assertion_gets_a_token_for_an_hour_as_html(course_site: CourseSite) -> None:
    answer = post(course_site, course_site.tool.sign(good(course_site)))
    assert answer.status_code == 200 and answer.mimetype == "text/html"
    granted = json.loads(answer.text)
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 3600)
    assert granted["scope"] == f"{scopes.SCORES} {scopes.ROSTER}"


@pytest.mark.parametrize("missing", ["iss", "sub", "aud", "iat", "exp", "jti"])
def test_every_claim_is_required(course_site: CourseSite, missing: str) -> None:
    answer = post(course_site, course_site.tool.sign(good(course_site, **{missing: None})))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another-client"},
        {"sub": "another-client"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": lambda: moment(-1)},
        {"iat": lambda: moment(5)},
        {"exp": lambda: moment(3600)},
    ],
)
def test_wrong_claims_are_refused(course_site: CourseSite, changes: dict[str, Any]) -> None:
    values = {name: value() if callable(value) else value for name, value in changes.items()}
    answer = post(course_site, course_site.tool.sign(good(course_site, **values)))
    assert answer.status_code == 400
    assert json.loads(answer.text)["error"] == "invalid_client"


def test_an_assertion_works_once(course_site: CourseSite) -> None:
    assertion = course_site.tool.sign(good(course_site))
    assert post(course_site, assertion).status_code == 200
    assert post(course_site, assertion).status_code == 400


def test_another_key_under_a_published_kid_is_refused(course_site: CourseSite) -> None:
    assert post(course_site, course_site.tool.sign(good(course_site), key=2)).status_code == 400


def test_the_public_key_as_a_shared_secret_is_refused(course_site: CourseSite) -> None:
    public = key_number(1).public_key()
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    other = jwt.encode(good(course_site), "x" * 32, algorithm="HS256", headers={"kid": "kid-1"})
    signed_part = other.rpartition(".")[0]
    signature = hmac.digest(public.public_bytes(*form), signed_part.encode(), "sha256")
    assertion = f"{signed_part}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert post(course_site, assertion).status_code == 400


def test_an_unsigned_assertion_is_refused(course_site: CourseSite) -> None:
    assertion = jwt.encode(good(course_site), None, algorithm="none", headers={"kid": "kid-1"})
    assert post(course_site, assertion).status_code == 400


def test_another_rsa_algorithm_is_refused(course_site: CourseSite) -> None:
    assert post(course_site, course_site.tool.sign(good(course_site), algorithm="RS384")).status_code == 400


def test_an_unknown_kid_is_refused_in_an_answer_that_is_no_json(course_site: CourseSite) -> None:
    answer = post(course_site, course_site.tool.sign(good(course_site), kid="unheard-of"))
    assert answer.status_code == 400
    with pytest.raises(ValueError):
        json.loads(answer.text)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"client_assertion": "no token"}, "invalid_request"),
        ({"scope": "https://example.org/other"}, "invalid_scope"),
    ],
)
def test_wrong_parameters_are_refused(course_site: CourseSite, changes: dict[str, str], error: str) -> None:
    answer = post(course_site, course_site.tool.sign(good(course_site)), **changes)
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, error)


def test_only_scopes_of_the_registration_are_granted(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        rows.get_one(Tool, 1).scopes = [scopes.ROSTER]
    answer = post(course_site, course_site.tool.sign(good(course_site)))
    assert json.loads(answer.text)["scope"] == scopes.ROSTER


def test_a_tool_that_is_not_active_gets_nothing(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        rows.get_one(Tool, 1).state = ToolState.PENDING
    assert post(course_site, course_site.tool.sign(good(course_site))).status_code == 400


def test_a_key_set_that_cannot_be_fetched_is_a_refusal(course_site: CourseSite) -> None:
    with course_site.platform.store.transaction() as rows:
        rows.get_one(Tool, 1).keyset_url = "http://127.0.0.1:9/keys"
    assert post(course_site, course_site.tool.sign(good(course_site))).status_code == 400


def test_like_moodle_a_withdrawn_key_works_until_a_new_kid_succeeds(course_site: CourseSite) -> None:
    tool = course_site.tool
    assert post(course_site, tool.sign(good(course_site))).status_code == 200
    tool.published = {"kid-2": key_number(2)}
    assert post(course_site, tool.sign(good(course_site))).status_code == 200
    assert post(course_site, tool.sign(good(course_site), kid="kid-2", key=2)).status_code == 200
    assert post(course_site, tool.sign(good(course_site))).status_code == 400


def test_the_key_set_is_fetched_once_while_it_fits(course_site: CourseSite) -> None:
    course_site.access_token()
    course_site.access_token()
    assert course_site.tool.fetches == 1
