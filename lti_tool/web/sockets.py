"""Open WebSockets of this process: made safe for two writers, counted, refused when full, closed when it stops.

A socket holds a thread of the web server for as long as it is open, so the last fifth of the threads is kept for
pages. simple-websocket writes without a lock and may write half a frame: LockedConnection.
"""

import json
import logging
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from socket import SHUT_RDWR, SO_SNDTIMEO, SOL_SOCKET, socket
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Blueprint, Flask, current_app, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server
from werkzeug.exceptions import ServiceUnavailable
from wsproto.utilities import LocalProtocolError

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.web.csrf import require_own_origin
from lti_tool.web.database import db
from lti_tool.web.guards import GUARD, current_viewer, guarded
from lti_tool.web.health.metrics import count_sockets
from lti_tool.web.runtime import current_runtime
from lti_tool.web.socket_reading import NoThread, SocketReader

log = logging.getLogger(__name__)

SHARE_OF_THREADS = 0.8
LARGEST_MESSAGE = 65_536
SECONDS_TO_SEND = 20
NORMAL, DEFECT, RESTART = 1000, 1011, 1012
TEXT_MESSAGE = 0x81
"""The first byte of a text message that is not continued."""
SERVER_OPTIONS = {"thread_class": NoThread, "max_message_size": LARGEST_MESSAGE}

flask_sock = Sock()
encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class LockedConnection:
    """The TCP connection under a socket: whole frames, one writer at a time, no endless wait for a dead reader."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        connection.setblocking(True)
        # The system's own limit: with Python's, each frame would first ask whether it may be sent.
        connection.setsockopt(SOL_SOCKET, SO_SNDTIMEO, struct.pack("ll", SECONDS_TO_SEND, 0))

    def send(self, frame: bytes) -> int:
        with self._lock:
            self._connection.sendall(frame)
        return len(frame)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class OpenSocket:
    """What a feature talks through: JSON events, and ConnectionClosed once the other side has gone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._reader = SocketReader(server)

    def send(self, **event: object) -> None:
        """Send one event; raises ConnectionClosed."""
        self.send_all([event])

    def send_all(self, events: Iterable[Mapping[str, object]]) -> None:
        """Send events at once; raises ConnectionClosed.

        The frames are written here: wsproto, made for every role and extension, takes ten times as long for one.
        """
        if not self._server.connected:
            raise ConnectionClosed(self._server.close_reason, self._server.close_message)
        try:
            self._server.sock.send(b"".join(text_frame(encoded(event).encode()) for event in events))
        except OSError as error:
            raise ConnectionClosed() from error

    def receive(self, timeout: float) -> dict[str, Any] | None:
        """The next event, or None when none came in time; raises ConnectionClosed, ValueError for no JSON object."""
        text = self._reader.next_message(timeout)
        if text is None:
            return None
        event = json.loads(text)
        if not isinstance(event, dict):
            raise ValueError("a message must be a JSON object")
        return event

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say goodbye, and wake whoever waits in `receive`."""
        with suppress(ConnectionClosed, OSError, LocalProtocolError):
            self._server.close(code, reason)
        self.cut()

    def cut(self) -> None:
        """End the connection; whoever reads it, on either side, wakes up."""
        with suppress(OSError):
            self._server.sock.shutdown(SHUT_RDWR)


def text_frame(payload: bytes) -> bytes:
    """A whole text message as a server sends it, without a mask (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((TEXT_MESSAGE, size)) + payload
    if size < 65_536:
        return bytes((TEXT_MESSAGE, 126)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT_MESSAGE, 127)) + size.to_bytes(8, "big") + payload


class OpenSockets:
    """The sockets of this process."""

    def __init__(self) -> None:
        self._sockets: set[OpenSocket] = set()
        self._changed = threading.Condition()
        self.is_closing = False

    def __len__(self) -> int:
        return len(self._sockets)

    def register(self, opened: OpenSocket) -> None:
        with self._changed:
            self._sockets.add(opened)
            count_sockets(len(self._sockets))

    def unregister(self, opened: OpenSocket) -> None:
        with self._changed:
            self._sockets.discard(opened)
            count_sockets(len(self._sockets))
            self._changed.notify_all()

    @contextmanager
    def holding(self, server: Server) -> Iterator[OpenSocket]:
        """Count a socket while it is served, and close it afterwards whatever happened."""
        opened = OpenSocket(server)
        self.register(opened)
        try:
            yield opened
        finally:
            opened.close()
            self.unregister(opened)

    def close_all(self, code: int = RESTART, patience: float = 1.0) -> None:
        """Close every socket and open no more; browsers come back to another process by themselves."""
        with self._changed:
            self.is_closing = True
            leaving = list(self._sockets)
        for opened in leaving:
            opened.close(code, "")
        with self._changed:
            self._changed.wait_for(lambda: not self._sockets, patience)


open_sockets = OpenSockets()


def socket_route(
    blueprint: Blueprint, path: str, capability: Capability
) -> Callable[[Callable[[Viewer, OpenSocket], None]], Callable[[Viewer, OpenSocket], None]]:
    """Serve a socket of a launch: the viewer has been checked before the handshake was answered."""

    def decorate(converse: Callable[[Viewer, OpenSocket], None]) -> Callable[[Viewer, OpenSocket], None]:
        @guarded(capability)
        @wraps(converse)
        def serve(viewer: Viewer, server: Server) -> Any:
            with open_sockets.holding(server) as opened:
                converse_safely(converse, viewer, opened)

        flask_sock.route(path, bp=blueprint, endpoint=converse.__name__)(serve)
        return converse

    return decorate


def converse_safely(converse: Callable[[Viewer, OpenSocket], None], viewer: Viewer, opened: OpenSocket) -> None:
    """The border of the socket loop: an error page has no place in the middle of frames."""
    try:
        converse(viewer, opened)
    except ConnectionClosed:
        log.debug("socket_closed")
    except Exception:
        log.exception("socket_defect")
        opened.close(DEFECT)


def install_sockets(app: Flask) -> None:
    """Limits, admission before the handshake, and connections that two threads may write to."""
    app.config["SOCK_SERVER_OPTIONS"] = SERVER_OPTIONS
    flask_sock.init_app(app)
    app.before_request(admit_socket)
    app.wsgi_app = PlainSockets(app.wsgi_app)  # type: ignore[method-assign]


def admit_socket() -> None:
    """Refuse a handshake that has no room or no right; hold no database connection while the socket is open."""
    if request.url_rule is None or not request.url_rule.websocket:
        return
    room = current_runtime().settings.web_threads * SHARE_OF_THREADS
    if open_sockets.is_closing or len(open_sockets) >= room:
        raise ServiceUnavailable("All places are taken at the moment. The page works without a live connection.")
    require_own_origin()
    current_viewer().require(getattr(current_app.view_functions[request.endpoint or ""], GUARD))
    db.session.commit()
    db.session.close()


class PlainSockets:
    """WSGI: no compression on sockets (it doubles their memory), and frames that cannot be torn."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            for name in ("gunicorn.socket", "werkzeug.socket"):
                if name in environ:
                    environ[name] = LockedConnection(environ[name])
        return self.application(environ, start_response)
