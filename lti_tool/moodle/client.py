"""A call to Moodle's REST web services, a file fetched or sent with the same token (rest, pluginfile.php, upload.php).

The switch is read for each request. The token travels in the body of a POST, never in an address, so that no log of
any server on the way holds it. Redirects are not followed: the token would go with them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from json import JSONDecodeError
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.errors import PlatformFailed
from lti_tool.moodle.form import form_of
from lti_tool.moodle.refusals import NO_MOODLE, SWITCHED_OFF, MoodleRefused
from lti_tool.outbound import AddressRule, GuardedSession
from lti_tool.site_settings.switches import Feature, require_on

TIMEOUT = 30.0
MOST_BYTES = 32 * 1024 * 1024
SMALLEST_FILE_CAP = 1024 * 1024

Connect = Callable[[AddressRule, int], requests.Session]


def guarded(rule: AddressRule, most_bytes: int) -> requests.Session:
    """Connections as they are made in earnest."""
    return GuardedSession(rule=rule, max_bytes=most_bytes, timeout=TIMEOUT)


@dataclass(frozen=True, kw_only=True)
class MoodleAccess:
    """Which Moodle, with which token, for which course of ours."""

    base_url: str
    token: str = field(repr=False)
    allows_private_addresses: bool
    course_id: int | None = None

    @property
    def rule(self) -> AddressRule:
        """The platform's own host and no other; a private one where its registration says so."""
        private = self.allows_private_addresses
        host = urlsplit(self.base_url).hostname or ""
        return AddressRule(allow_private=private, allow_http=private, allowed_hosts=frozenset({host}))


class MoodleClient:
    """Calls with one token; use it as a context manager, and not in several threads.

    Every feature of `features` must be on beside the web services themselves.
    """

    def __init__(
        self,
        engine: Engine,
        access: MoodleAccess,
        *,
        connect: Connect = guarded,
        features: tuple[Feature, ...] = (),
    ) -> None:
        self.access, self._features = access, (Feature.MOODLE_WEB_SERVICES, *features)
        self._engine, self._connect = engine, connect
        self._http = connect(access.rule, MOST_BYTES)

    def __enter__(self) -> "MoodleClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, function: str, **arguments: Any) -> Any:
        """The answer of a web service function; raises NotAllowed (`feature_off`), MoodleRefused or PlatformFailed."""
        fields = [
            ("wstoken", self.access.token),
            ("wsfunction", function),
            ("moodlewsrestformat", "json"),
            *form_of(arguments),
        ]
        response = self._post(self._http, f"{self.access.base_url}/webservice/rest/server.php", fields)
        answer = _json_of(response)
        if isinstance(answer, dict) and "errorcode" in answer and ("exception" in answer or "error" in answer):
            raise MoodleRefused(str(answer["errorcode"]), function)
        return answer

    def download(self, url: str, target: Path, *, most_bytes: int) -> None:
        """Fetch a file that a web service named; raises as `call`, and PlatformFailed (`answer_too_large`)."""
        if not url.startswith(f"{self.access.base_url}/webservice/pluginfile.php"):
            raise PlatformFailed("file_elsewhere", "This file does not lie in Moodle itself.")
        # An error is answered with 200 and JSON of a few hundred characters.
        with self._connect(self.access.rule, max(most_bytes, SMALLEST_FILE_CAP)) as http:
            response = self._post(http, url, [("token", self.access.token)], stream=True)
            with target.open("wb") as stream:
                for piece in response.iter_content(None):
                    stream.write(piece)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            _refuse_error(target)

    def upload(self, stream: IO[bytes], name: str, *, draft: int = 0) -> int:
        """Put a file into a draft area of the token's user, a new one where `draft` is 0; its number. Raises as `call`.

        Moodle keeps a draft area for four days.
        """
        fields = [("token", self.access.token), ("itemid", str(draft)), ("filepath", "/")]
        url = f"{self.access.base_url}/webservice/upload.php"
        answer = _json_of(self._post(self._http, url, fields, files={"file": (name, stream, "application/pdf")}))
        if isinstance(answer, dict) and "errorcode" in answer:
            raise MoodleRefused(str(answer["errorcode"]), "upload.php")
        if not isinstance(answer, list) or not answer or not isinstance(answer[0], dict):
            raise PlatformFailed("moodle_unreadable", NO_MOODLE)
        # What it does not take it lists like the rest, with HTTP 200.
        if "error" in answer[0]:
            raise MoodleRefused(str(answer[0].get("errortype") or "unknown"), "upload.php")
        return int(answer[0]["itemid"])

    def _post(
        self,
        http: requests.Session,
        url: str,
        fields: list[tuple[str, str]],
        *,
        stream: bool = False,
        files: dict[str, tuple[str, IO[bytes], str]] | None = None,
    ) -> requests.Response:
        with transaction(self._engine) as session:
            for feature in self._features:
                require_on(session, feature, self.access.course_id)
        response = http.post(url, data=fields, files=files, allow_redirects=False, stream=stream)
        if response.status_code == 403:
            raise PlatformFailed("moodle_services_off", SWITCHED_OFF)
        if response.status_code != 200:
            raise PlatformFailed("moodle_unreadable", NO_MOODLE, status=response.status_code)
        return response


def _json_of(response: requests.Response) -> Any:
    try:
        return response.json()
    except (JSONDecodeError, requests.JSONDecodeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _refuse_error(downloaded: Path) -> None:
    """Raises MoodleRefused where the JSON that came is Moodle's word for an error and not a file."""
    if downloaded.stat().st_size > SMALLEST_FILE_CAP:
        return
    try:
        answer = json.loads(downloaded.read_bytes())
    except ValueError:
        return
    if isinstance(answer, dict) and {"error", "errorcode"} <= set(answer):
        raise MoodleRefused(str(answer["errorcode"]), "pluginfile.php")
