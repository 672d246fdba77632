"""Messages made and read by Open edX's own classes (lti-consumer-xblock), with the tool in the test's process."""

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.accounts.models import BoundLaunch, Person, Role
from lti_tool.lti.access_tokens import PlatformAccess, request_with_key
from lti_tool.lti.addresses import launch_url, login_url
from lti_tool.lti.keys import active_key
from lti_tool.lti.memberships import SCOPE
from lti_tool.lti.models import Registration
from lti_tool.lti.registrations import PlatformEndpoints, register
from lti_tool.runtime import Runtime
from tests.fixtures.markup import checked_page
from tests.fixtures.services import lend_keys
from tests.peers.conftest import HERE, PYTHON

TOOL = "http://127.0.0.1:8000"


class Classes:
    """The process that holds the classes; `call` asks it for one thing."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lock = threading.Lock()

    def call(self, name: str, **arguments: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        with self.lock:
            self.process.stdin.write(json.dumps({"call": name, **arguments}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["answer"]


@pytest.fixture(scope="module")
def classes() -> Iterator[Classes]:
    if not PYTHON.exists():
        pytest.skip("Open edX's platform is not installed: .ci/prepare test makes .venv-peer")
    with subprocess.Popen(
        [str(PYTHON), str(HERE / "openedx_classes.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield Classes(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def endpoints(classes: Classes) -> Iterator[str]:
    """The key set and the token endpoint of the classes, over HTTP."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(classes)) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Open edX as a platform of this tool."""

    classes: Classes
    client: FlaskClient
    session: Session
    runtime: Runtime
    registration: Registration

    def launch(self, **claims: Any) -> TestResponse:
        """From the login request to the tool's answer to the launch."""
        login = self.classes.call("login", **claims)
        redirect = self.client.get("/lti/login", query_string=login, base_url=TOOL)
        request = dict(parse_qsl(urlsplit(redirect.location).query))
        return self.client.post("/lti/launch", data=self.classes.call("launch", request=request), base_url=TOOL)


@pytest.fixture
def peer(classes: Classes, endpoints: str, app: Flask, session: Session, runtime: Runtime) -> Peer:
    lend_keys(session, runtime.secrets)
    platform = PlatformEndpoints(
        issuer="https://peer.test",
        client_id="lectern-at-open-edx",
        authorization_endpoint="https://peer.test/launch",
        token_endpoint=f"{endpoints}/token",
        keyset_url=f"{endpoints}/certs",
    )
    registration = register(session, platform, deployment_ids=["1"], allows_private_addresses=True)
    settings = runtime.settings
    key = active_key(session, runtime.secrets)
    classes.call(
        "make",
        login_url=login_url(settings),
        launch_url=launch_url(settings),
        client_id=platform.client_id,
        tool_key=_public_pem(key.private_pem),
    )
    return Peer(classes=classes, client=app.test_client(), session=session, runtime=runtime, registration=registration)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("staff", Role.TEACHER),
        ("instructor", Role.TEACHER),
        ("student", Role.STUDENT),
        ("global_staff", Role.ADMINISTRATOR),
        ("Community TA", Role.NON_EDITING_TEACHER),
        (None, Role.STUDENT),
    ],
)
def test_the_roles_of_open_edx_are_understood(peer: Peer, role: str | None, expected: Role) -> None:
    assert peer.launch(user_id="42", role=role).status_code == 303
    assert peer.session.scalars(select(BoundLaunch.role)).one() == expected


def test_names_are_kept_when_they_are_sent(peer: Peer) -> None:
    peer.launch(user_id="42", role="student", names={"full_name": "Σοφία Ñuñez", "email_address": "s@peer.test"})
    person = peer.session.scalars(select(Person)).one()
    assert (person.sub, person.name, person.email) == ("42", "Σοφία Ñuñez", "s@peer.test")


def test_a_launch_without_a_name_is_accepted(peer: Peer) -> None:
    assert peer.launch(user_id="42", role="student").status_code == 303
    assert peer.session.scalars(select(Person.name)).one() == ""


def test_foreign_custom_parameters_do_no_harm(peer: Peer) -> None:
    answer = peer.launch(user_id="42", role="student", custom={"placement": "not ours", "unit": "7"})
    assert answer.status_code == 303


def test_a_picker_can_be_opened_and_its_answer_is_read(peer: Peer) -> None:
    landed = peer.launch(user_id="42", role="staff", message="LtiDeepLinkingRequest")
    page = checked_page(peer.client.get(landed.location, base_url=TOOL).text)
    fields = {str(one["name"]): str(one["value"]) for one in page.find_all("input", type="hidden")}
    chosen = {**fields, "kind": "tutor", "tutor-title": "Ask here"}
    answer = peer.client.post("/lti/deep-link", data=chosen, headers={"Origin": TOOL}, base_url=TOOL)
    signed = checked_page(answer.text).find("input", attrs={"name": "JWT"})
    assert signed is not None
    [item] = peer.classes.call("read_items", jwt=signed["value"])
    assert (item["type"], item["title"]) == ("ltiResourceLink", "Ask here")


def test_the_classes_grant_a_token_for_our_assertion(peer: Peer) -> None:
    key = active_key(peer.session, peer.runtime.secrets)
    granted = request_with_key(PlatformAccess.of(peer.registration), [SCOPE], key)
    assert granted.value.count(".") == 2


def _public_pem(private_pem: str) -> str:
    private = serialization.load_pem_private_key(private_pem.encode(), password=None)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.public_key().public_bytes(*form).decode()


def _handler(classes: Classes) -> type[BaseHTTPRequestHandler]:
    class Endpoints(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(classes.call("keys"))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(classes.call("token", form=dict(parse_qsl(form))))

        def _answer(self, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return None

    return Endpoints
