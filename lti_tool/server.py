"""The web server: gunicorn with threads, because an answer that streams holds one thread and not the process.

`threads` is the limit of requests and sockets together; `max_requests` must stay 0, or a worker with an open socket
stops accepting and never ends; on SIGTERM the sockets must be closed by us, or a restart takes the whole grace period
and browsers see a dead connection instead of "restarting" (1012).
"""

import atexit
import ctypes
import gc
import threading
import time
from collections.abc import Callable
from socket import gethostname
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker
from sqlalchemy.orm import configure_mappers

from lti_tool.config import Settings
from lti_tool.logs import configure_logging
from lti_tool.web.health.metrics import forget_process, share_counts
from lti_tool.web.sockets import open_sockets

M_ARENA_MAX = -8
"""malloc.h"""


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the settings of this installation instead of its own files and environment."""

    def __init__(self, settings: Settings, make_application: Callable[[], WSGIApplication]) -> None:
        self.settings = settings
        self.make_application = make_application
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_settings(self.settings).items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Called in each worker process after the fork, so connections and threads are its own."""
        configure_logging(self.settings.log_level)
        share_memory_among_threads()
        application = self.make_application()
        leave_to_stay()
        return application

    def run(self) -> None:
        # Nodes may share the data folder, but each counts for itself.
        share_counts(self.settings.data_dir / "metrics" / gethostname())
        configure_mappers()
        leave_to_stay()
        super().run()


def gunicorn_settings(settings: Settings) -> dict[str, Any]:
    return {
        "bind": settings.bind,
        "worker_class": "gthread",
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "worker_connections": settings.web_threads * 2,
        "keepalive": 5,
        "timeout": 60,
        "graceful_timeout": 20,
        "max_requests": 0,
        "control_socket_disable": True,
        "loglevel": settings.log_level.lower(),
        "proc_name": "lectern",
        "child_exit": lambda _, worker: forget_process(worker.pid),
        "post_worker_init": close_sockets_at_the_end,
        # ProxyFix reads the headers of as many proxies as the settings name; gunicorn must not trust any by itself.
        "forwarded_allow_ips": "",
    }


def leave_to_stay() -> None:
    """What is loaded by now stays until the end, so the garbage collector need not look at it again.

    Each look stops all threads for a fifth of a second, and writes to memory that the processes share until then.
    """
    gc.collect()
    gc.freeze()
    # Libraries in C complain at the end about what was not given back.
    atexit.register(gc.unfreeze)


def share_memory_among_threads() -> None:
    """glibc gives threads up to eight arenas a core, each with free memory of its own; thousands of sockets feel it."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def close_sockets_at_the_end(worker: Worker) -> None:
    """Watch the worker: it stops accepting at SIGTERM, and waits for threads that only we can free."""

    def drain() -> None:
        while worker.alive:
            time.sleep(0.1)
        open_sockets.close_all()

    threading.Thread(target=drain, name="drain", daemon=True).start()
