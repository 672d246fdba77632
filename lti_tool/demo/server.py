"""The course site on a port of this machine, in a thread: for `lectern demo` and for tests over real HTTP."""

import socket
import threading
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.demo.site import create_site
from lti_tool.demo.store import Store, prepare

LISTEN = "127.0.0.1"
POLL_SECONDS = 0.05


class QuietHandler(WSGIRequestHandler):
    """Return addresses carry the browser session's key: no request is logged."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


class DemoPlatform:
    """A running site for the length of a block; its rows are in the schema `demo` of the given database.

    `host` is the name in the site's address; tests name `localhost` to be truly cross-site with a tool on 127.0.0.1.
    """

    def __init__(self, engine: Engine, *, port: int = 0, host: str = LISTEN, private_pem: str | None = None) -> None:
        prepare(engine, private_pem)
        self._listening = socket.create_server((LISTEN, port))
        self.url = f"http://{host}:{self._listening.getsockname()[1]}"
        self.store = Store(engine, self.url)
        self.site = create_site(self.store)
        self._server = make_server(
            LISTEN,
            0,
            self.site,
            threaded=True,
            request_handler=QuietHandler,
            fd=self._listening.fileno(),
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[POLL_SECONDS], name="demo course site", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()
