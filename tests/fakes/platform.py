"""A platform that signs launches as Moodle writes them, with keys made for the test run, and serves its key set.

Every knob makes one bad thing: claims can be changed or left out, any key, kid or algorithm can sign, and the key set
can be wrong, slow, huge or down.
"""

import json
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"
INSTRUCTOR, LEARNER = f"{MEMBERSHIP}#Instructor", f"{MEMBERSHIP}#Learner"
ABSENT = object()
"""As a change of claims: leave the claim out."""

Claims = dict[str, Any]


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Keys cost time to make: all tests share a few."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: rsa.RSAPrivateKey, kid: str, **changes: Any) -> dict[str, Any]:
    jwk: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {"kty": jwk["kty"], "n": jwk["n"], "e": jwk["e"], "kid": kid, "alg": "RS256", "use": "sig"} | changes


class FakePlatform:
    """Runs as a context manager; `respond` may be replaced to misbehave."""

    def __init__(self) -> None:
        self.issuer = "http://platform.test"
        self.client_id = "client-1"
        self.deployment_id = "1"
        self.jwks: Any = {"keys": [public_jwk(rsa_key(1), "kid-1")]}
        self.cache_control = "private"
        self.fetches = 0
        self.respond: Callable[[BaseHTTPRequestHandler], None] = self.send_key_set
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.key_set_url = f"http://127.0.0.1:{self.server.server_port}/certs"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def claims(self, sub: str, roles: list[str], nonce: str, target: str, /, **changes: Any) -> Claims:
        """The claims of a Moodle resource link launch in course 2."""
        moment = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": sub,
            "nonce": nonce,
            "iat": moment,
            "exp": moment + 60,
            "name": "Canary Name",
            "given_name": "Canary",
            "family_name": "Name",
            "email": "canary@canary.example",
            f"{LTI}message_type": "LtiResourceLinkRequest",
            f"{LTI}version": "1.3.0",
            f"{LTI}deployment_id": self.deployment_id,
            f"{LTI}target_link_uri": target,
            f"{LTI}roles": roles,
            f"{LTI}context": {"id": "2", "label": "BIO1", "title": "Plant biology", "type": ["CourseSection"]},
            f"{LTI}resource_link": {"id": "70", "title": "Week 1", "description": ""},
            f"{LTI}launch_presentation": {
                "locale": "en",
                "document_target": "iframe",
                "return_url": f"{self.issuer}/mod/lti/return.php?sesskey=CANARYKEY",
            },
            f"{LTI}tool_platform": {"product_family_code": "moodle", "version": "2024100706", "name": "Campus"},
            f"{LTI}lis": {"person_sourcedid": "000000000099", "course_section_sourcedid": ""},
            f"{LTI}ext": {"lms": "moodle-2", "user_username": "canary"},
            f"{LTI}custom": {"context_history": "$Context.id.history"},
            AGS: {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitems": f"{self.issuer}/lineitems?type_id=1",
                "lineitem": f"{self.issuer}/lineitems/9/lineitem?type_id=1",
            },
            NRPS: {"context_memberships_url": f"{self.issuer}/members", "service_versions": ["1.0", "2.0"]},
        }
        return {name: value for name, value in (claims | changes).items() if value is not ABSENT}

    def deep_linking(self, **settings: Any) -> Claims:
        """Changes that make the launch a deep linking request, as Moodle sends it (no `data`, no resource link)."""
        values = {
            "deep_link_return_url": f"{self.issuer}/mod/lti/contentitem_return.php?sesskey=CANARYKEY",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_multiple": True,
            "auto_create": False,
            "title": "",
            "text": "",
        } | settings
        return {
            f"{LTI}message_type": "LtiDeepLinkingRequest",
            f"{LTI}resource_link": ABSENT,
            DL_SETTINGS: {name: value for name, value in values.items() if value is not ABSENT},
        }

    def submission_review(self, sub: str) -> Claims:
        """Changes that make the launch a review of somebody's work."""
        return {f"{LTI}message_type": "LtiSubmissionReviewRequest", f"{LTI}for_user": {"user_id": sub}}

    def sign(self, claims: Claims, *, key: Any = None, algorithm: str = "RS256", **header: Any) -> str:
        """A token; header changes may be ABSENT."""
        headers = {name: value for name, value in ({"kid": "kid-1"} | header).items() if value is not ABSENT}
        return jwt.encode(claims, key or rsa_key(1), algorithm=algorithm, headers=headers)

    def rotate(self) -> dict[str, Any]:
        """Publish another key, and only that; the arguments that sign with it."""
        self.jwks = {"keys": [public_jwk(rsa_key(2), "kid-2")]}
        return {"key": rsa_key(2), "kid": "kid-2"}

    def send_key_set(self, request: BaseHTTPRequestHandler) -> None:
        self.send(request, json.dumps(self.jwks).encode(), "application/json")

    def send(self, request: BaseHTTPRequestHandler, body: bytes, media_type: str, status: int = 200) -> None:
        request.send_response(status)
        request.send_header("Content-Type", media_type)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Cache-Control", self.cache_control)
        request.end_headers()
        request.wfile.write(body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.fetches += 1
                platform.respond(self)

            def log_message(self, *_: object) -> None:
                return None

        return Handler
