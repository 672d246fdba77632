"""The web server keeps its promises about sockets: a real server, a real client, a real SIGTERM."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed

from lti_tool.config import Settings, ToolDescription
from lti_tool.server import gunicorn_settings
from tests.fixtures.patience import PATIENCE
from tests.fixtures.ports import quiet_port

SERVER = """
import sys
from pathlib import Path
from simple_websocket import Server
from lti_tool.config import Settings, ToolDescription
from lti_tool.server import WebServer
from lti_tool.web.sockets import SERVER_OPTIONS, PlainSockets, open_sockets

def application(environ, start_response):
    opened_server = Server(environ, **SERVER_OPTIONS)
    with open_sockets.holding(opened_server) as opened:
        while event := opened.receive(timeout=60):
            opened.send(**event, extensions=environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS"))
    return []

tool = ToolDescription(title="Lectern", description="A test")
address, folder = sys.argv[1], Path(sys.argv[2])
settings = Settings(
    public_url="http://127.0.0.1", tool=tool, bind=address, data_dir=folder, web_workers=1, web_threads=8
)
WebServer(settings, lambda: PlainSockets(application)).run()
"""


class RunningServer:
    def __init__(self, folder: Path) -> None:
        self.address = f"127.0.0.1:{quiet_port()}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, self.address, folder], stderr=subprocess.PIPE, text=True
        )
        while "Booting worker" not in self.process.stderr.readline():
            assert self.process.poll() is None

    def connect(self, **options: Any) -> Client:
        return Client.connect(f"ws://{self.address}/", **options)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path)
    yield running
    running.stop()
    running.process.stderr.close()


def test_a_stopping_server_tells_every_socket_to_come_back(server: RunningServer) -> None:
    client = server.connect()
    client.send('{"kind": "hello"}')
    client.receive(timeout=PATIENCE)
    assert server.stop() == 0
    with pytest.raises(ConnectionClosed) as closed:
        client.receive(timeout=PATIENCE)
    assert closed.value.reason == 1012


def test_sockets_are_not_compressed(server: RunningServer) -> None:
    client = server.connect(headers={"Sec-WebSocket-Extensions": "permessage-deflate"})
    client.send('{"kind": "hello"}')
    assert client.receive(timeout=PATIENCE) == '{"kind":"hello","extensions":null}'
    client.close()


def test_a_message_that_is_too_large_ends_the_socket(server: RunningServer) -> None:
    client = server.connect()
    client.send('{"kind": "%s"}' % ("x" * 70_000))
    with pytest.raises(ConnectionClosed) as closed:
        client.receive(timeout=PATIENCE)
    assert closed.value.reason == 1009


def test_workers_are_never_recycled_under_open_sockets() -> None:
    tool = ToolDescription(title="Lectern", description="A test")
    chosen = gunicorn_settings(Settings(public_url="http://127.0.0.1", tool=tool))
    assert chosen["max_requests"] == 0
    assert chosen["worker_connections"] > chosen["threads"]
    assert chosen["control_socket_disable"] is True
