"""A tool for the tests of the course site: signs with a key of its own and serves its key set on this machine."""

import json
import threading
import uuid
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from lti_tool.db import now

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"


@cache
def key_number(number: int) -> RSAPrivateKey:
    """Keys cost time to make: the tests share a few."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeTool:
    """Published keys can be changed while it runs: `published` maps kid to key."""

    def __init__(self) -> None:
        self.client_id = "client-of-the-fake-tool"
        self.published = {"kid-1": key_number(1)}
        self.fetches = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.launch_url = f"{self.url}/launch"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def sign(self, claims: dict[str, Any], *, kid: str = "kid-1", key: int = 1, algorithm: str = "RS256") -> str:
        return jwt.encode(claims, key_number(key), algorithm=algorithm, headers={"kid": kid})

    def assertion(self, endpoint: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good client assertion; a change to None leaves the claim out."""
        moment = int(now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": endpoint,
            "iat": moment - 10,
            "exp": moment + 200,
            "jti": uuid.uuid4().hex,
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def response(self, issuer: str, items: list[Any], **changes: Any) -> dict[str, Any]:
        """The claims of a good deep linking response; a change to None leaves the claim out."""
        moment = int(now().timestamp())
        claims = {
            "iss": self.client_id,
            "aud": issuer,
            "iat": moment - 30,
            "exp": moment + 300,
            "nonce": uuid.uuid4().hex,
            f"{LTI}deployment_id": "1",
            f"{LTI}message_type": "LtiDeepLinkingResponse",
            f"{LTI}version": "1.3.0",
            f"{DL}content_items": items,
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tool = self

        class Keys(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tool.fetches += 1
                body = json.dumps(tool.key_set()).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return None

        return Keys

    def key_set(self) -> dict[str, Any]:
        return {"keys": [self._jwk(kid, key) for kid, key in self.published.items()]}

    def _jwk(self, kid: str, key: RSAPrivateKey) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**public, "kid": kid, "alg": "RS256", "use": "sig"}
