"""A socket opens for its viewer alone, while there is room, and holds no database connection."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.web import sockets
from lti_tool.web.browser_cookie import NAME
from lti_tool.web.database import db
from lti_tool.web.guards import launch_blueprint
from lti_tool.web.runtime import EXTENSION
from lti_tool.web.sockets import OpenSocket, OpenSockets, socket_route
from tests.fixtures.patience import PATIENCE
from tests.fixtures.people import ORIGIN, Browser, Enter

HANDSHAKE = {
    "Connection": "Upgrade",
    "Origin": ORIGIN,
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Upgrade": "websocket",
}
Shake = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def lines(app: Flask) -> None:
    blueprint = launch_blueprint("lines", __name__)

    @socket_route(blueprint, "/open", Capability.USE)
    def open_line(viewer: Viewer, opened: OpenSocket) -> None:
        opened.send(role=viewer.role, in_transaction=db.session().in_transaction())

    @socket_route(blueprint, "/staff", Capability.GRADE)
    def staff_line(viewer: Viewer, opened: OpenSocket) -> None:
        raise ZeroDivisionError

    app.register_blueprint(blueprint)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    before = set(threading.enumerate())
    with near, far:
        far.settimeout(PATIENCE)
        yield near, far
        far.close()
        # Whoever still reads from the near end sees that the far end has gone. Only then may the near end be closed:
        # closed under a reader's feet, it would wait for the far end until its next ping, 25 seconds.
        for reader in set(threading.enumerate()) - before:
            reader.join()


@pytest.fixture
def shake(ends: tuple[socket.socket, socket.socket]) -> Shake:
    """Ask for a socket as a browser does; what is sent over it can be read from the far end."""

    def ask(browser: Browser, path: str, **headers: str) -> TestResponse:
        return browser.get(path, headers=HANDSHAKE | headers, environ_overrides={"werkzeug.socket": ends[0]})

    return ask


def received(near: socket.socket, far: socket.socket) -> bytes:
    """All that was sent to the far end. The near end says that it was all, and stays open for its reader."""
    with suppress(OSError):
        near.shutdown(socket.SHUT_WR)
    return b"".join(iter(lambda: far.recv(4096), b""))


def test_a_viewer_gets_an_open_socket_and_no_transaction_waits(
    enter: Enter, shake: Shake, ends: tuple[socket.socket, socket.socket]
) -> None:
    shake(enter("student"), "lines/open")
    answer = received(*ends)
    assert answer.startswith(b"HTTP/1.1 101")
    assert b'{"role":"student","in_transaction":false}' in answer


def test_a_defect_closes_the_socket_without_an_error_page_between_the_frames(
    enter: Enter, shake: Shake, ends: tuple[socket.socket, socket.socket]
) -> None:
    shake(enter("teacher"), "lines/staff")
    answer = received(*ends)
    assert answer.endswith(b"\x88\x02" + (1011).to_bytes(2))


def test_a_socket_needs_the_capability_before_it_opens(enter: Enter, shake: Shake) -> None:
    assert shake(enter("student"), "lines/staff").status_code == 403


def test_a_socket_asked_for_by_a_foreign_page_is_refused(enter: Enter, shake: Shake) -> None:
    assert shake(enter("student"), "lines/open", Origin="https://elsewhere.example").status_code == 403


def test_a_socket_asked_for_by_another_browser_is_refused(enter: Enter, shake: Shake) -> None:
    student = enter("student")
    student.client.set_cookie(NAME, "another-browser", domain="127.0.0.1")
    assert shake(student, "lines/open").status_code == 404


def test_the_last_fifth_of_the_threads_is_kept_for_pages(
    app: Flask, enter: Enter, shake: Shake, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(runtime, settings=replace(runtime.settings, web_threads=10))
    full = OpenSockets()
    full._sockets = set(range(8))
    monkeypatch.setattr(sockets, "open_sockets", full)
    assert shake(enter("student"), "lines/open").status_code == 503


def test_a_stopping_process_opens_no_socket(enter: Enter, shake: Shake, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = OpenSockets()
    stopping.close_all()
    monkeypatch.setattr(sockets, "open_sockets", stopping)
    assert shake(enter("student"), "lines/open").status_code == 503
