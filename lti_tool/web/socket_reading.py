"""What a socket brings, read by the thread that serves it.

simple-websocket would start a second thread for each socket, to read and to ping: with thousands of idle sockets that
is a third of the memory.
"""

import select
from collections.abc import Callable
from time import monotonic

from simple_websocket import ConnectionClosed, Server
from wsproto.events import Ping
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

READ_SIZE = 4096
SECONDS_BETWEEN_PINGS = 25.0


class NoThread:
    """Stands for the thread that simple-websocket would start."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.name = target.__name__

    def start(self) -> None:
        """Nothing to start: `SocketReader` reads."""


class SocketReader:
    """Reads and pings while its thread waits for a message."""

    def __init__(self, server: Server, seconds_between_pings: float = SECONDS_BETWEEN_PINGS) -> None:
        self._server = server
        self._seconds_between_pings = seconds_between_pings
        self._ping_at = monotonic() + seconds_between_pings
        self._arrivals = select.poll()
        self._arrivals.register(server.sock, select.POLLIN)

    def next_message(self, timeout: float) -> str | bytes | None:
        """The next message, or None when none came in time; raises ConnectionClosed."""
        until = monotonic() + timeout
        while self._server.connected and not self._server.input_buffer:
            # The clock first: what came before it counts before the time that has passed.
            moment = monotonic()
            if self._arrivals.poll(max(0.0, min(until, self._ping_at) - moment) * 1000):
                self._take_in()
            elif moment >= self._ping_at:
                self._ping()
            elif moment >= until:
                return None
        if not self._server.input_buffer:
            raise ConnectionClosed(self._server.close_reason, self._server.close_message)
        message: str | bytes = self._server.input_buffer.pop(0)
        return message

    def _take_in(self) -> None:
        """As the thread of simple-websocket would do it."""
        try:
            received = self._server.sock.recv(READ_SIZE)
            if received:
                self._server.ws.receive_data(received)
            self._server.connected = bool(received) and self._server._handle_events()
        except (OSError, LocalProtocolError, RemoteProtocolError):
            self._server.connected = False

    def _ping(self) -> None:
        """Ask whether the browser is still there; who did not answer the last time is not."""
        self._ping_at = monotonic() + self._seconds_between_pings
        try:
            if self._server.pong_received:
                self._server.pong_received = False
                self._server.sock.send(self._server.ws.send(Ping()))
            else:
                self._server.close(CloseReason.POLICY_VIOLATION, "Ping/Pong timeout")
        except (OSError, ConnectionClosed, LocalProtocolError):
            self._server.connected = False
