"""Registering the tool: the platform's dialogue, the form, and who may use either."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.accounts.audit import AuditEntry
from lti_tool.lti.dynamic_registration import PLATFORM, TOOL
from lti_tool.lti.invitations import invite
from lti_tool.lti.models import Deployment, Registration, RegistrationInvitation
from lti_tool.lti.registrations import registration_for
from lti_tool.secrets import Secrets
from tests.fakes.platform import FakePlatform
from tests.fixtures.launches import ORIGIN
from tests.fixtures.markup import checked_page

Change = Callable[[dict[str, Any]], None]


class RegisteringPlatform:
    """Answers like Moodle's dialogue; `configuration` and `answer` may be changed before."""

    def __init__(self, platform: FakePlatform) -> None:
        self.base = platform.key_set_url.removesuffix("/certs")
        self.platform = platform
        self.received: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/auth",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/certs",
            "registration_endpoint": f"{self.base}/register",
            PLATFORM: {"product_family_code": "moodle", "version": "4.5.6", "messages_supported": []},
        }
        self.answer: dict[str, Any] = {"client_id": "given-1", TOOL: {"deployment_id": "12"}}
        self.status = 200
        platform.respond = self.send_configuration

    def send_configuration(self, request: BaseHTTPRequestHandler) -> None:
        self.platform.send(request, json.dumps(self.configuration).encode(), "application/json")

    def receive(self, request: BaseHTTPRequestHandler) -> None:
        self.received = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        self.received["token"] = request.headers["Authorization"]
        self.platform.send(request, json.dumps(self.answer).encode(), "application/json", self.status)


@pytest.fixture
def registering(platform: FakePlatform) -> RegisteringPlatform:
    made = RegisteringPlatform(platform)
    handler: Any = platform.server.RequestHandlerClass
    handler.do_POST = lambda request: made.receive(request)
    return made


@pytest.fixture
def invitation(session: Session, secrets: Secrets) -> str:
    return invite(session, secrets)


def register(app: Flask, invitation: str, registering: RegisteringPlatform) -> TestResponse:
    query = {
        "invitation": invitation,
        "openid_configuration": f"{registering.base}/openid-configuration",
        "registration_token": "token-of-the-platform",
    }
    return app.test_client().get("/lti/register", query_string=query, base_url=ORIGIN)


def test_the_dialogue_registers_platform_and_deployment(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform
) -> None:
    response = register(app, invitation, registering)
    assert response.status_code == 200
    registration = registration_for(session, registering.base, "given-1")
    deployment = session.scalars(select(Deployment)).one()
    assert (registration.origin, deployment.deployment_id) == ("dynamic", "12")
    assert registration.platform.product_family == "moodle"


def test_the_platform_is_asked_for_little(app: Flask, invitation: str, registering: RegisteringPlatform) -> None:
    register(app, invitation, registering)
    sent = registering.received
    assert sent["token"] == "Bearer token-of-the-platform"
    assert sent["token_endpoint_auth_method"] == "private_key_jwt"
    assert not sent["scope"].split()[0].endswith("lineitem") and "scope/lineitem " not in f"{sent['scope']} "
    assert sent[TOOL]["claims"] == ["iss", "sub"] and sent[TOOL]["domain"] == "127.0.0.1:8000"
    assert {message["type"] for message in sent[TOOL]["messages"]} >= {"LtiDeepLinkingRequest"}


def test_the_page_says_what_comes_next(app: Flask, invitation: str, registering: RegisteringPlatform) -> None:
    page = checked_page(register(app, invitation, registering).text)
    assert page.h1.get_text() == "The tool is registered"
    assert "Activate the tool" in page.get_text() and page.find(attrs={"data-module": "close-dialogue"})


def test_a_registration_is_in_the_audit(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform
) -> None:
    register(app, invitation, registering)
    assert session.scalars(select(AuditEntry.action)).all() == ["registration.added"]


def test_an_invitation_works_once(app: Flask, invitation: str, registering: RegisteringPlatform) -> None:
    register(app, invitation, registering)
    registering.answer["client_id"] = "given-2"
    assert register(app, invitation, registering).status_code == 403


@pytest.mark.parametrize("token", ["", "eyJ.eyJ.x"])
def test_nobody_registers_without_an_invitation(app: Flask, token: str, registering: RegisteringPlatform) -> None:
    assert register(app, token, registering).status_code == 403
    assert registering.received == {} and registering.platform.fetches == 0


def test_an_expired_invitation_is_refused(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform
) -> None:
    row = session.scalars(select(RegistrationInvitation)).one()
    row.expires_at = row.created_at
    session.flush()
    assert register(app, invitation, registering).status_code == 403


def foreign_issuer(configuration: dict[str, Any]) -> None:
    configuration["issuer"] = "http://bank.example"


def foreign_keys(configuration: dict[str, Any]) -> None:
    configuration["jwks_uri"] = "http://evil.example/certs"


def no_registration_endpoint(configuration: dict[str, Any]) -> None:
    del configuration["registration_endpoint"]


def no_platform(configuration: dict[str, Any]) -> None:
    del configuration[PLATFORM]


def wrong_type(configuration: dict[str, Any]) -> None:
    configuration["token_endpoint"] = 7


@pytest.mark.parametrize("change", [foreign_issuer, foreign_keys, no_registration_endpoint, no_platform, wrong_type])
def test_a_configuration_that_speaks_for_others_gets_nothing(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform, change: Change
) -> None:
    change(registering.configuration)
    assert register(app, invitation, registering).status_code in {400, 502}
    assert registering.received == {} and not session.scalars(select(Registration)).all()


@pytest.mark.parametrize("answer", [{}, [], {"client_id": 5, TOOL: {}}, {"client_id": "", TOOL: {}}])
def test_an_unusable_answer_keeps_the_invitation(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform, answer: Any
) -> None:
    registering.answer = answer
    assert register(app, invitation, registering).status_code in {400, 502}
    assert session.scalars(select(RegistrationInvitation.used_at)).one() is None


def test_a_refusal_of_the_platform_is_said(app: Flask, invitation: str, registering: RegisteringPlatform) -> None:
    registering.status = 401
    assert "The platform refused the registration" in register(app, invitation, registering).text


def test_x28_the_dialogue_reaches_no_inside_address(
    app: Flask, session: Session, invitation: str, registering: RegisteringPlatform
) -> None:
    registering.base = "https://169.254.169.254"
    assert register(app, invitation, registering).status_code == 400


FORM = {
    "issuer": "https://moodle.example",
    "client_id": "typed-1",
    "deployment_id": "3",
    "authorization_endpoint": "https://moodle.example/mod/lti/auth.php",
    "token_endpoint": "https://moodle.example/mod/lti/token.php",
    "keyset_url": "https://moodle.example/mod/lti/certs.php",
}


def type_in(app: Flask, invitation: str, origin: str = ORIGIN, **changes: str) -> TestResponse:
    form = FORM | {"invitation": invitation} | changes
    return app.test_client().post("/lti/register", data=form, base_url=ORIGIN, headers={"Origin": origin})


def test_the_form_shows_the_values_to_copy(app: Flask, invitation: str) -> None:
    response = app.test_client().get("/lti/register", query_string={"invitation": invitation}, base_url=ORIGIN)
    page = checked_page(response.text)
    assert f"{ORIGIN}/lti/jwks.json" in page.table.get_text()
    assert "Accept grades: delegate to teacher." in page.table.get_text()


def test_the_form_registers(app: Flask, session: Session, invitation: str) -> None:
    assert type_in(app, invitation).status_code == 200
    registration = registration_for(session, "https://moodle.example", "typed-1")
    assert registration.origin == "manual"
    assert type_in(app, invitation, client_id="typed-2").status_code == 403


@pytest.mark.parametrize(
    ("name", "value"), [("client_id", ""), ("deployment_id", ""), ("issuer", "moodle"), ("keyset_url", "ftp://x")]
)
def test_the_form_says_which_field_is_wrong(app: Flask, invitation: str, name: str, value: str) -> None:
    response = type_in(app, invitation, **{name: value})
    field = checked_page(response.text).find(id=name)
    assert response.status_code == 422 and field["aria-invalid"] == "true"
    assert type_in(app, invitation).status_code == 200


def test_the_form_is_refused_from_elsewhere(app: Flask, invitation: str) -> None:
    assert type_in(app, invitation, origin="https://evil.example").status_code == 403


def test_a_client_id_is_registered_once(app: Flask, session: Session, secrets: Secrets, invitation: str) -> None:
    type_in(app, invitation)
    response = type_in(app, invite(session, secrets))
    assert response.status_code == 422 and "already registered" in response.text
