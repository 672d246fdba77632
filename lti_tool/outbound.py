"""Every call that leaves this machine over HTTP: may it go there, and how much may come back (R140, R170, X28).

The address is checked where the connection is made and that very address is connected to, so a name that resolves
differently a moment later (DNS rebinding) gains nothing, and each hop of a redirect is checked like the first.
Addresses of this machine and its network are refused unless the caller allows them; the ones no service lives at
(link-local with its cloud metadata, multicast, unspecified) are always refused.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError

from lti_tool import __version__
from lti_tool.chunked import pieces
from lti_tool.errors import InvalidInput, PlatformFailed

USER_AGENT = f"Lectern/{__version__}"
KEPT_OPEN = 4
"""Connections kept open to one host. The pool makes room for each before the first call, which takes its time."""
DEADLINE_FACTOR = 3
"""A body may take this many times the timeout in all: `timeout` alone restarts with every byte of a slow drip."""

PRIVATE_NETWORKS = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)
NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Resolver = Callable[[str], list[str]]


def resolve_host(host: str) -> list[str]:
    """The addresses of a host, in the system's order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, kw_only=True)
class AddressRule:
    """Where a session may connect to."""

    allow_private: bool
    allow_http: bool
    allowed_hosts: frozenset[str] | None = None
    resolve: Resolver = resolve_host

    def check_url(self, url: str) -> None:
        """Raises InvalidInput for another scheme, a name and password in the URL, or a host that is not allowed."""
        parts = urlsplit(url)
        schemes = {"https", "http"} if self.allow_http else {"https"}
        if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
            raise InvalidInput("address_refused", "This address must start with https://.", scheme=parts.scheme)
        if self.allowed_hosts is not None and not host_is_listed(parts.hostname, self.allowed_hosts):
            raise InvalidInput("host_not_allowed", "This host is not on the list of allowed hosts.")

    def checked_addresses(self, host: str) -> list[str]:
        """What the host resolves to; raises InvalidInput if any of it must not be reached."""
        addresses = self._addresses(host.strip("[]").rstrip("."))
        if not all(self._may_reach(ip_address(address.partition("%")[0])) for address in addresses):
            raise InvalidInput("address_refused", "This address belongs to a private network.")
        return addresses

    def _addresses(self, host: str) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            return self.resolve(host)

    def _may_reach(self, address: Address) -> bool:
        address = _embedded_v4(address) or address
        if any(address in block for block in PRIVATE_NETWORKS):
            return self.allow_private
        return address.is_global and not address.is_multicast


def host_is_listed(host: str, hosts: frozenset[str]) -> bool:
    """Whether a list names the host itself or, as `*.example.org`, its parent."""
    parents = host.split(".")
    return host in hosts or any(f"*.{'.'.join(parents[i:])}" in hosts for i in range(1, len(parents)))


def check_host(
    url: str,
    *,
    allow_private: bool,
    allow_http: bool,
    allowed_hosts: frozenset[str] | None = None,
    resolve: Resolver = resolve_host,
) -> None:
    """Raises InvalidInput, or PlatformFailed when the name does not resolve, unless a call to this URL may be made."""
    rule = AddressRule(allow_private=allow_private, allow_http=allow_http, allowed_hosts=allowed_hosts, resolve=resolve)
    rule.check_url(url)
    try:
        rule.checked_addresses(urlsplit(url).hostname or "")
    except OSError as error:
        raise PlatformFailed("host_unknown", "This host name does not exist.") from error


def guarded_session(
    *,
    allow_private: bool,
    allow_http: bool,
    max_bytes: int,
    timeout: float,
    allowed_hosts: frozenset[str] | None = None,
    resolve: Resolver = resolve_host,
) -> requests.Session:
    """A session whose every connection is checked; it raises ToolErrors only, and caps what it reads."""
    rule = AddressRule(allow_private=allow_private, allow_http=allow_http, allowed_hosts=allowed_hosts, resolve=resolve)
    return GuardedSession(rule=rule, max_bytes=max_bytes, timeout=timeout)


def mount_guard(
    session: requests.Session, *, rule: AddressRule, max_bytes: int, timeout: float, kept_open: int = KEPT_OPEN
) -> None:
    """Guard a session that another library made (Authlib's): the same checks, its own errors stay `requests`'s."""
    # A proxy named by the environment would make the connection in our place, unchecked.
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.max_redirects = 3
    for scheme in ("http://", "https://"):
        adapter = GuardedAdapter(rule=rule, max_bytes=max_bytes, timeout=timeout, kept_open=kept_open)
        session.mount(scheme, adapter)


class GuardedSession(requests.Session):
    """A requests session under a rule; failures of the network become PlatformFailed."""

    def __init__(self, *, rule: AddressRule, max_bytes: int, timeout: float, kept_open: int = KEPT_OPEN) -> None:
        super().__init__()
        mount_guard(self, rule=rule, max_bytes=max_bytes, timeout=timeout, kept_open=kept_open)

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """As in requests; raises PlatformFailed (`platform_timeout`, `platform_unreachable`)."""
        try:
            return super().request(*args, **options)
        except requests.Timeout as error:
            raise PlatformFailed("platform_timeout") from error
        except requests.RequestException as error:
            raise PlatformFailed("platform_unreachable", reason=type(error).__name__) from error


class GuardedAdapter(HTTPAdapter):
    """Checks the URL of each hop, connects through the checking pools, caps the body."""

    def __init__(self, *, rule: AddressRule, max_bytes: int, timeout: float, kept_open: int) -> None:
        self.rule, self.max_bytes, self.timeout = rule, max_bytes, timeout
        super().__init__(pool_maxsize=kept_open)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=_tls_context())
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self.rule)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.rule.check_url(request.url or "")
        options["timeout"] = options.get("timeout") or self.timeout
        return super().send(request, *args, **options)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = CappedResponse(max_bytes=self.max_bytes, deadline=self.timeout * DEADLINE_FACTOR)
        vars(response).update(vars(super().build_response(req, resp)))
        return response


class CappedResponse(requests.Response):
    """A response whose body ends in PlatformFailed when it grows beyond the cap or drips beyond the deadline."""

    def __init__(self, *, max_bytes: int, deadline: float) -> None:
        super().__init__()
        self.max_bytes, self.ends_at = max_bytes, time.monotonic() + deadline

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[bytes]:
        """The body as it arrives, decompressed, in pieces of any size."""
        if isinstance(self._content, bytes):
            yield self._content
            return
        received = 0
        try:
            for piece in pieces(self.raw):
                received += len(piece)
                self._check(received)
                yield piece
        except (ReadTimeoutError, TimeoutError) as error:
            raise PlatformFailed("platform_timeout") from error
        except (HTTPError, HTTPException, OSError) as error:
            raise PlatformFailed("platform_unreachable", reason=type(error).__name__) from error
        finally:
            # A connection whose body was read to its end has gone back to the pool before this.
            self.raw.close()

    def _check(self, received: int) -> None:
        if received > self.max_bytes:
            raise PlatformFailed("answer_too_large", limit=self.max_bytes)
        if time.monotonic() > self.ends_at:
            raise PlatformFailed("platform_timeout")


def _embedded_v4(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, in the notations that reach one."""
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


@cache
def _tls_context() -> ssl.SSLContext:
    """The operating system's certificates, so that an institution's own authority is known; made once, it is slow."""
    return ssl.create_default_context()


def _pool_classes(rule: AddressRule) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools with connections that resolve, check and connect in one step."""

    def checked_socket(connection: HTTPConnection) -> socket.socket:
        name = connection._dns_host
        for address in (addresses := rule.checked_addresses(name)):
            try:
                connection._dns_host = address
                return HTTPConnection._new_conn(connection)
            except HTTPError:
                if address == addresses[-1]:
                    raise
            finally:
                connection._dns_host = name
        raise socket.gaierror(f"{name} has no address")

    class Plain(HTTPConnection):
        _new_conn = checked_socket

    class Secure(HTTPSConnection):
        _new_conn = checked_socket

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
