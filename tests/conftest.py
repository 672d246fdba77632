"""What every test may use. Sockets stay on this machine. Database fixtures: fixtures/database.py."""

import atexit
import gc
import ipaddress
import socket
from typing import Any

# A quarter of the time of all imports went into looking for garbage among modules, which stay.
gc.disable()

pytest_plugins = [
    "tests.fixtures.distribution",
    "tests.fixtures.cheap_applications",
    "tests.fixtures.cheap_keys",
    "tests.fixtures.database",
    "tests.fixtures.web",
    "tests.fixtures.people",
    "tests.fixtures.launches",
    "tests.fixtures.services",
    "tests.fixtures.demo",
    "tests.fixtures.live",
    "tests.fixtures.moodle",
]

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


def _refuse_outside(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        local = ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        local = name == "localhost" or name.endswith(".localhost")
    if not local:
        raise RuntimeError(f"a test tried to reach {name}")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        _refuse_outside(address[0])
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        _refuse_outside(address[0])
    return _connect_ex(self, address)


def _guarded_getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
    _refuse_outside(host)
    return _getaddrinfo(host, *arguments, **options)


def pytest_configure() -> None:
    """A test that reaches the internet fails loudly, whatever library it goes through."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = _guarded_getaddrinfo


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    # Libraries in C complain at the end about what was not given back.
    atexit.register(gc.unfreeze)
