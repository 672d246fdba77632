"""The public addresses that are not a launch: key set, description, rate limit, refusals in the audit."""

import pytest
from flask import Flask
from sqlalchemy import select

from lti_tool.accounts.audit import AuditEntry
from lti_tool.lti import login as login_rules
from tests.fakes.platform import rsa_key
from tests.fixtures.launches import ORIGIN, Refused, Visitor


def test_the_key_set_is_public_and_kept_for_minutes(app: Flask) -> None:
    response = app.test_client().get("/lti/jwks.json", base_url=ORIGIN)
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert {frozenset(key) for key in response.get_json()["keys"]} == {
        frozenset({"kty", "n", "e", "kid", "alg", "use"})
    }


def test_the_description_names_our_addresses(app: Flask) -> None:
    described = app.test_client().get("/lti/config.json", base_url=ORIGIN).get_json()
    assert described["title"] == "Lectern"
    assert described["oidc_initiation_url"] == f"{ORIGIN}/lti/login"
    assert described["public_jwk_url"] == f"{ORIGIN}/lti/jwks.json"


def test_too_many_unfinished_logins_of_one_address_are_refused(
    visitor: Visitor, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_rules, "MOST_PENDING_PER_ADDRESS", 2)
    visitor.login(), visitor.login()
    refused(visitor.login().response, "login_too_many")


def test_a_finished_login_no_longer_counts(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_rules, "MOST_PENDING_PER_ADDRESS", 2)
    assert [visitor.launch().status_code for _ in range(4)] == [303] * 4


def test_a_refused_launch_is_in_the_audit(committed_visitor: Visitor) -> None:
    committed_visitor.launch(signing={"key": rsa_key(2)})
    entry = committed_visitor.house.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.object_id) == ("launch.refused", str(committed_visitor.house.registration.id))
    assert entry.details == {"code": "token_refused"}


def test_a_launch_of_no_login_leaves_no_audit(committed_visitor: Visitor) -> None:
    login = committed_visitor.login()
    committed_visitor.post(login, "eyJ", state="state-guessed")
    assert not committed_visitor.house.session.scalars(select(AuditEntry)).all()


def test_a_refusal_is_visible_in_any_frame(visitor: Visitor) -> None:
    response = visitor.login(iss="http://unknown.test").response
    assert response.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https: http:")
