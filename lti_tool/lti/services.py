"""Calls to a platform's services: PyLTI1p3's connector with our own HTTP underneath.

Overridden, and why: `get_access_token` (theirs is kept per object, never shared) and `make_service_request` (theirs
has no timeout, no size cap, no guard against private addresses, no new token after a 401, follows redirects with the
token, and misses Moodle's Link header). Their services for grades and members work on top unchanged.
The clearance reads the switch of the feature for each call.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from pylti1p3.registration import Registration as ClientRegistration
from pylti1p3.service_connector import ServiceConnector, TServiceConnectorResponse, TServiceConnectorResponseBody

from lti_tool.db import now
from lti_tool.errors import PlatformFailed
from lti_tool.lti.access_tokens import PlatformAccess
from lti_tool.lti.clearance import Clearance
from lti_tool.outbound import guarded_session

TIMEOUT = 15.0
MAX_BYTES = 2 * 1024 * 1024
NEXT_PAGE = re.compile(r"<([^>]*)>\s*;[^<,]*?rel=[^A-Za-z<,]*next(?![A-Za-z])", re.IGNORECASE)
"""Moodle writes rel=”next” with curly quotes, which arrive as three odd characters each."""


class ServiceRefused(PlatformFailed):
    """The learning platform refused this request."""

    def __init__(self, *, status_code: int, retry_after: float | None = None) -> None:
        super().__init__("service_refused", status=status_code)
        self.status_code = status_code
        self.retry_after = retry_after


class PlatformConnector(ServiceConnector):
    """Calls under a clearance; not shared between threads."""

    def __init__(self, clearance: Clearance, *, max_bytes: int = MAX_BYTES) -> None:
        self.access, self._clearance = clearance.access, clearance
        private = self.access.allows_private_addresses
        http = guarded_session(allow_private=private, allow_http=private, max_bytes=max_bytes, timeout=TIMEOUT)
        super().__init__(_client_registration(self.access), http)

    def get_access_token(self, scopes: Sequence[str]) -> str:
        """The token that all processes share, if the feature may call out now."""
        return self._clearance.token(scopes)

    def make_service_request(
        self,
        scopes: Sequence[str],
        url: str,
        *,
        is_post: bool = False,
        data: str | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        case_insensitive_headers: bool = False,
    ) -> TServiceConnectorResponse:
        """One answered request; raises NotAllowed when the switch is off, ServiceRefused for any answer but 2xx."""
        headers = {"Accept": accept, "User-Agent": self._requests_session.headers["User-Agent"]}
        if is_post:
            headers["Content-Type"] = content_type
        response = self._send("POST" if is_post else "GET", url, scopes, data, headers)
        if not 200 <= response.status_code < 300:
            raise ServiceRefused(status_code=response.status_code, retry_after=_retry_after(response))
        return {
            "headers": response.headers if case_insensitive_headers else dict(response.headers),
            "body": _body(response),
            "next_page_url": _next_page(response, url),
        }

    def close(self) -> None:
        self._requests_session.close()

    def _send(
        self, method: str, url: str, scopes: Sequence[str], data: str | None, headers: dict[str, Any]
    ) -> requests.Response:
        """A token may have been withdrawn before its time: one 401 is answered with a new one."""
        token = self.get_access_token(scopes)
        response = self._send_once(method, url, data, headers, token)
        if response.status_code == 401:
            self._clearance.refuse(scopes, token)
            response = self._send_once(method, url, data, headers, self.get_access_token(scopes))
        return response

    def _send_once(
        self, method: str, url: str, data: str | None, headers: dict[str, Any], token: str
    ) -> requests.Response:
        return self._requests_session.request(
            method,
            url,
            data=data.encode() if data else None,
            headers={**headers, "Authorization": f"Bearer {token}"},
            allow_redirects=False,
        )


def _client_registration(access: PlatformAccess) -> ClientRegistration:
    return ClientRegistration().set_issuer(access.issuer).set_client_id(access.client_id)


def _body(response: requests.Response) -> TServiceConnectorResponseBody:
    """The JSON of the answer; nothing for an empty one; the bare text of one that is not JSON."""
    if not response.content.strip():
        return None
    try:
        body: TServiceConnectorResponseBody = response.json()
    except (JSONDecodeError, requests.JSONDecodeError):
        return response.text
    return body


def _next_page(response: requests.Response, url: str) -> str | None:
    """The next page's address as it was written, case and all; the token follows it, so the host must be the same."""
    found = NEXT_PAGE.search(response.headers.get("Link", ""))
    if not found:
        return None
    following: str = urljoin(url, found[1].replace("&amp;", "&"))
    if urlsplit(following)[:2] != urlsplit(url)[:2]:
        raise PlatformFailed("next_page_elsewhere")
    return following


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait, from either form of the header."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (_aware(at) - now()).total_seconds())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
