"""A platform's services over real HTTP, with Moodle 4.5's exact answers (moodle-as-platform.md 1.10-1.12).

`moodle.answer_next("POST", "scores", Canned(503))` makes the next such request fail; `moodle.requests` is what came in.
With `family="edx"` it answers scores as Open edX does: 201 with a body, 400 for an old timestamp.
"""

import json
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it came in."""

    method: str
    name: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Canned:
    """An answer given instead of the real one; `after` lets the request take effect first."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    after: bool = False
    hang_up: bool = False


@dataclass(kw_only=True)
class Held:
    """What the gradebook holds for one person."""

    score: float | None
    maximum: float | None
    comment: str | None
    timestamp: datetime


class FakeServices:
    """One course of one tool: a column, people, a roster."""

    def __init__(self, *, family: str = "moodle", delay: float = 0) -> None:
        self.family, self.delay = family, delay
        self.tool_keys: Callable[[], dict[str, Any]] = lambda: {"keys": []}
        self.items: list[dict[str, Any]] = []
        self.members: list[dict[str, Any]] = []
        self.page_size: int | None = None
        self.ungradable: set[str] = set()
        self.locked: set[str] = set()
        self.overridden: dict[str, float] = {}
        self.held: dict[str, Held] = {}
        self.accepted: list[dict[str, Any]] = []
        self.requests: list[Received] = []
        self.tokens: set[str] = set()
        self.token_life = 3600
        self._canned: defaultdict[tuple[str, str], deque[Canned]] = defaultdict(deque)
        self._lock = threading.RLock()

    def __enter__(self) -> "FakeServices":
        platform = self

        class Handler(_Handler):
            served = platform

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.items = [self.item(1, resource_link="1", label="The activity")]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def services(self) -> str:
        return f"{self.url}/mod/lti/services.php"

    @property
    def token_url(self) -> str:
        return f"{self.url}/mod/lti/token.php"

    @property
    def line_items_url(self) -> str:
        return f"{self.services}/2/lineitems?type_id=1"

    @property
    def memberships_url(self) -> str:
        return f"{self.services}/CourseSection/2/bindings/1/memberships"

    def line_item_url(self, number: int = 1) -> str:
        return f"{self.services}/2/lineitems/{number}/lineitem?type_id=1"

    def item(self, number: int, *, resource_link: str, label: str = "", resource_id: str = "") -> dict[str, Any]:
        return {
            "id": self.line_item_url(number),
            "label": label,
            "scoreMaximum": 10,
            "resourceLinkId": resource_link,
            "resourceId": resource_id,
            "tag": "",
        }

    def answer_next(self, method: str, name: str, *answers: Canned) -> None:
        self._canned[method, name].extend(answers)

    def received(self, name: str, method: str | None = None) -> list[Received]:
        return [one for one in self.requests if one.name == name and method in {None, one.method}]

    def scores_of(self, user_id: str) -> list[float]:
        """The scores that took effect, in the order they arrived."""
        return [score["scoreGiven"] for score in self.accepted if score["userId"] == user_id]

    def answer(self, request: Received) -> Canned:
        """The answer to a request; one at a time, as a gradebook row would be locked."""
        with self._lock:
            self.requests.append(request)
            waiting = self._canned[request.method, request.name]
            canned = waiting.popleft() if waiting else None
            if canned and not canned.after:
                return canned
            real = self._real(request)
            return canned or real

    def _real(self, request: Received) -> Canned:
        if request.name == "token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Canned(401)
        if request.name != "memberships" and request.query.get("type_id") != "1":
            return Canned(401)
        return getattr(self, f"_{request.method.lower()}_{request.name}", lambda _: Canned(405))(request)

    def _token(self, request: Received) -> Canned:
        form = dict(parse_qsl(request.body))
        try:
            header = jwt.get_unverified_header(form["client_assertion"])
            keys = {key["kid"]: key for key in self.tool_keys()["keys"]}
            if header["kid"] not in keys:
                # Moodle's own text, which is not JSON.
                return Canned(
                    400, '{"error" : ""kid" invalid, unable to lookup correct key"}', content_type="text/html"
                )
            claims = jwt.decode(
                form["client_assertion"],
                jwt.PyJWK(keys[header["kid"]]).key,
                algorithms=["RS256"],
                audience=self.token_url,
                options={"require": ["iss", "sub", "aud", "jti", "iat", "exp"]},
            )
            assert claims["iss"] == claims["sub"] and claims["exp"] - claims["iat"] <= 300
            assert form["client_assertion_type"] == ASSERTION and form["grant_type"] == "client_credentials"
        except (jwt.PyJWTError, KeyError, AssertionError) as error:
            return Canned(400, json.dumps({"error": str(error)}), content_type="text/html")
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.add(token)
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.token_life,
            "scope": form.get("scope", ""),
        }
        return Canned(200, json.dumps(body), content_type="text/html")

    def _get_lineitems(self, request: Received) -> Canned:
        if request.headers.get("accept", ITEMS) != ITEMS:
            return Canned(400)
        link = request.query.get("resource_link_id")
        found = [item for item in self.items if link in {None, item["resourceLinkId"]}]
        size, start = self.page_size or len(found) or 1, int(request.query.get("from", 0))
        headers = {}
        if start + size < len(found):
            following = f"{self.line_items_url}&amp;Case=Kept&amp;from={start + size}"
            headers["Link"] = f"<{following}>; rel=”next”".encode().decode("latin-1")
        return Canned(200, json.dumps(found[start : start + size]), headers, ITEMS)

    def _post_lineitems(self, request: Received) -> Canned:
        if request.headers["content-type"] != ITEM:
            return Canned(400)
        made = json.loads(request.body)
        made["id"] = self.line_item_url(len(self.items) + 1)
        self.items.append(made)
        return Canned(201, json.dumps(made), content_type=ITEM)

    def _get_lineitem(self, request: Received) -> Canned:
        found = [item for item in self.items if urlsplit(item["id"]).path == request.path]
        if request.headers.get("accept", ITEM) != ITEM:
            return Canned(400)
        return Canned(200, json.dumps(found[0]), content_type=ITEM) if found else Canned(404)

    def _get_results(self, request: Received) -> Canned:
        if "limit" in request.query:
            return Canned(404, "<html>Fatal error</html>", content_type="text/html")
        if request.headers.get("accept", RESULTS) != RESULTS:
            return Canned(400)
        asked = request.query.get("user_id")
        found = [self._result(user, held) for user, held in self.held.items() if asked in {None, user}]
        return Canned(200, json.dumps(found), content_type=RESULTS)

    def _result(self, user: str, held: Held) -> dict[str, Any]:
        return {
            "id": f"{self.url}/result",
            "userId": user,
            "resultScore": self.overridden.get(user, held.score),
            "resultMaximum": held.maximum,
            "comment": held.comment,
            "timestamp": held.timestamp.isoformat(),
        }

    def _post_scores(self, request: Received) -> Canned:
        known = [item for item in self.items if urlsplit(item["id"]).path == request.path.removesuffix("/scores")]
        if not known:
            return Canned(404)
        if request.headers["content-type"].partition(";")[0] != SCORE:
            return Canned(400)
        if "\n" in request.body:
            return Canned(200, "[]")
        score = json.loads(request.body)
        user, timestamp = score["userId"], datetime.fromisoformat(score["timestamp"]).replace(microsecond=0)
        if user in self.ungradable:
            return Canned(400, "[]")
        if user in self.locked:
            return Canned(500, "[]")
        if user in self.held and timestamp <= self.held[user].timestamp:
            return Canned(409, "[]") if self.family == "moodle" else Canned(400, '{"error": "old"}')
        self._take(user, timestamp, score)
        return Canned(200) if self.family == "moodle" else Canned(201, request.body)

    def _take(self, user: str, timestamp: datetime, score: dict[str, Any]) -> None:
        is_final = score["gradingProgress"] == "FullyGraded"
        self.held[user] = Held(
            score=score.get("scoreGiven") if is_final else None,
            maximum=score.get("scoreMaximum"),
            comment=score.get("comment"),
            timestamp=timestamp,
        )
        self.accepted.append(score)

    def _get_memberships(self, request: Received) -> Canned:
        if request.headers.get("accept", MEMBERS) not in {MEMBERS, "*/*"}:
            return Canned(400)
        size, start = self.page_size or len(self.members) or 1, int(request.query.get("from", 0))
        headers = {}
        if start + size < len(self.members):
            headers["Link"] = f'<{self.memberships_url}?limit={size}&from={start + size}>; rel="next"'
        body = {
            "id": self.memberships_url,
            "context": {"id": "2", "label": "BIO1", "title": "Plant biology"},
            "members": self.members[start : start + size],
        }
        return Canned(200, json.dumps(body), headers, MEMBERS)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, answers it in one piece, keeps the connection."""

    served: FakeServices
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        return

    def _answer(self) -> None:
        canned = self.served.answer(self._request())
        time.sleep(self.served.delay)
        if canned.hang_up:
            self.close_connection = True
            return
        body = canned.body.encode()
        self.send_response(canned.status)
        for name, value in {"Content-Type": canned.content_type, **canned.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _request(self) -> Received:
        parts = urlsplit(self.path)
        last = parts.path.rsplit("/", 1)[-1]
        return Received(
            method=self.command,
            name="token" if last == "token.php" else last,
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(),
        )
