"""Sockets are counted, closed together and never torn between two writers."""

import select
import socket
import threading
from collections.abc import Iterator

import pytest
from simple_websocket import ConnectionClosed, Server
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import Ping, TextMessage

from lti_tool.web import socket_reading
from lti_tool.web.socket_reading import SocketReader
from lti_tool.web.sockets import SERVER_OPTIONS, LockedConnection, OpenSocket, OpenSockets, PlainSockets
from tests.fixtures.patience import PATIENCE

HANDSHAKE = {
    "REQUEST_METHOD": "GET",
    "HTTP_HOST": "localhost",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_UPGRADE": "websocket",
    "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
}


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


def accept(connection: socket.socket) -> Server:
    return Server({**HANDSHAKE, "gunicorn.socket": LockedConnection(connection)}, **SERVER_OPTIONS)


def test_two_writers_cannot_tear_each_others_frames(ends: tuple[socket.socket, socket.socket]) -> None:
    connection, reader = LockedConnection(ends[0]), ends[1]
    size = 4_000_000
    writers = [threading.Thread(target=connection.send, args=[letter * size]) for letter in (b"a", b"b")]
    for writer in writers:
        writer.start()
    received = b"".join(read(reader, 2 * size))
    for writer in writers:
        writer.join()
    assert received in (b"a" * size + b"b" * size, b"b" * size + b"a" * size)


def read(reader: socket.socket, size: int) -> Iterator[bytes]:
    while size:
        part = reader.recv(min(65_536, size))
        size -= len(part)
        yield part


def test_a_socket_is_counted_while_it_is_served(ends: tuple[socket.socket, socket.socket]) -> None:
    sockets = OpenSockets()
    with sockets.holding(accept(ends[0])):
        assert len(sockets) == 1
    assert len(sockets) == 0


def test_a_socket_that_fails_is_closed_and_no_longer_counted(ends: tuple[socket.socket, socket.socket]) -> None:
    sockets, server = OpenSockets(), accept(ends[0])
    with pytest.raises(ZeroDivisionError), sockets.holding(server):
        raise ZeroDivisionError
    assert len(sockets) == 0
    assert server.connected is False


def test_closing_all_wakes_a_socket_that_waits(ends: tuple[socket.socket, socket.socket]) -> None:
    sockets, server = OpenSockets(), accept(ends[0])
    woken = threading.Event()

    def wait() -> None:
        with sockets.holding(server) as opened, pytest.raises(ConnectionClosed):
            woken.set()
            opened.receive(timeout=PATIENCE)

    waiting = threading.Thread(target=wait)
    waiting.start()
    woken.wait()
    sockets.close_all()
    waiting.join(timeout=PATIENCE)
    assert not waiting.is_alive()
    assert sockets.is_closing


def test_a_closed_socket_says_so_to_whoever_sends(ends: tuple[socket.socket, socket.socket]) -> None:
    with OpenSockets().holding(accept(ends[0])) as opened:
        opened.close()
        with pytest.raises(ConnectionClosed):
            opened.send(kind="late")


@pytest.mark.parametrize("length", [0, 100, 126, 65_535, 65_536, 200_000])
def test_frames_of_any_length_are_read_as_they_were_sent(
    ends: tuple[socket.socket, socket.socket], length: int
) -> None:
    server = accept(ends[0])
    events = [{"text": "ß" * length}, {"text": "next"}]
    sending = threading.Thread(target=OpenSocket(server).send_all, args=[events])
    sending.start()
    skip_handshake(ends[1])
    frames, received = Connection(ConnectionType.CLIENT), ""
    while received.count("}") < 2:
        frames.receive_data(ends[1].recv(65_536))
        received += "".join(event.data for event in frames.events() if isinstance(event, TextMessage))
    sending.join()
    server.close()
    assert received == f'{{"text":"{"ß" * length}"}}{{"text":"next"}}'


@pytest.mark.parametrize("answers", [True, False])
def test_only_a_browser_that_answers_pings_keeps_its_socket(
    ends: tuple[socket.socket, socket.socket], answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, pause = [0.0], 0.05
    monkeypatch.setattr(socket_reading, "monotonic", lambda: passed[0])
    reader = SocketReader(accept(ends[0]), seconds_between_pings=pause)
    skip_handshake(ends[1])
    reading = threading.Thread(target=wait_for_a_message, args=[reader])
    reading.start()
    browser, pings, passed[0] = Connection(ConnectionType.CLIENT), 0, pause
    while pings < 4 and browser.state is not ConnectionState.REMOTE_CLOSING:
        browser.receive_data(ends[1].recv(65_536))
        for event in browser.events():
            pings += isinstance(event, Ping)
            if answers and isinstance(event, Ping):
                ends[1].sendall(browser.send(event.response()))
            # The next ping is due whenever that was, but never before the answer.
            passed[0] += pause
    assert pings == (4 if answers else 1)
    ends[1].close()
    reading.join()


def test_an_answer_that_is_there_counts_before_the_time_that_has_passed(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser answers, and the next ping falls due, just when its ping was looked for in vain."""
    browser, passed, pause, asked = Connection(ConnectionType.CLIENT), 0.0, 0.001, []

    def clock() -> float:
        nonlocal passed
        if asked:
            ends[1].send(browser.send(asked.pop().response()))
        elif select.select([ends[1]], [], [], 0)[0]:
            browser.receive_data(ends[1].recv(65_536))
            asked.extend(event for event in browser.events() if isinstance(event, Ping))
            return passed
        passed += pause
        return passed

    server = accept(ends[0])
    skip_handshake(ends[1])
    monkeypatch.setattr(socket_reading, "monotonic", clock)
    assert SocketReader(server, seconds_between_pings=pause).next_message(timeout=20 * pause) is None


def wait_for_a_message(reader: SocketReader) -> None:
    with pytest.raises(ConnectionClosed):
        reader.next_message(timeout=60)


def skip_handshake(reader: socket.socket) -> None:
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += reader.recv(1)


def test_only_sockets_lose_their_extensions() -> None:
    seen = []
    application = PlainSockets(lambda environ, start: seen.append(dict(environ)))
    application({"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate", "HTTP_UPGRADE": "WebSocket"}, None)
    application({"HTTP_SEC_WEBSOCKET_EXTENSIONS": "kept"}, None)
    assert seen == [{"HTTP_UPGRADE": "WebSocket"}, {"HTTP_SEC_WEBSOCKET_EXTENSIONS": "kept"}]
