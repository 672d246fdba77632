"""Certification guide 6.1.1, known bad payloads: each is refused with a visible page."""

import time
from typing import Any

import pytest

from tests.fakes.platform import ABSENT, FakePlatform
from tests.fixtures.launches import Refused, Visitor, claim


def test_b1_no_kid_in_the_header(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(signing={"kid": ABSENT}), "key_unnamed")


def test_b2_a_wrong_kid(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(signing={"kid": "another"}), "key_unknown")


def test_b3_a_wrong_lti_version(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("version"): "11.3"}), "launch_invalid")


def test_b4_no_lti_version(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("version"): ABSENT}), "launch_invalid")


def test_b5_a_token_that_is_no_jwt(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.post(visitor.login(), "lti_version=LTI-1p0"), "launch_invalid")


def test_b5_a_jwt_that_is_no_lti_message(visitor: Visitor, platform: FakePlatform, refused: Refused) -> None:
    login = visitor.login()
    claims = {"name": "badltilaunch", "iss": platform.issuer, "nonce": login.nonce}
    refused(visitor.post(login, platform.sign(claims)), "token_refused")


def test_b6_missing_lti_claims(visitor: Visitor, refused: Refused) -> None:
    names = ("message_type", "version", "deployment_id", "target_link_uri", "roles", "resource_link")
    refused(visitor.launch(**{claim(name): ABSENT for name in names}), "launch_invalid")


@pytest.mark.parametrize(
    ("iat", "exp"), [(-1200, -600), (-700, 60), (600, 660), (-60, -31)], ids=["past", "old", "future", "expired"]
)
def test_b7_wrong_timestamps(visitor: Visitor, refused: Refused, iat: int, exp: int) -> None:
    moment = int(time.time())
    code = "token_old" if (iat, exp) == (-700, 60) else "token_refused"
    refused(visitor.launch(iat=moment + iat, exp=moment + exp), code)


def test_b8_no_message_type(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("message_type"): ABSENT}), "launch_invalid")


def test_b9_no_roles_claim(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("roles"): ABSENT}), "launch_invalid")


def test_b10_no_deployment_id(visitor: Visitor, refused: Refused) -> None:
    refused(visitor.launch(**{claim("deployment_id"): ABSENT}), "launch_invalid")


@pytest.mark.parametrize("link", [ABSENT, {}, {"title": "no id"}, {"id": ""}])
def test_b11_no_resource_link_id(visitor: Visitor, refused: Refused, link: Any) -> None:
    refused(visitor.launch(**{claim("resource_link"): link}), "launch_invalid")


@pytest.mark.parametrize(("sub", "code"), [(ABSENT, "token_refused"), ("", "launch_invalid")])
def test_b12_no_sub(visitor: Visitor, refused: Refused, sub: Any, code: str) -> None:
    refused(visitor.launch(sub=sub), code)
