"""The tool's own processes, started as an operator starts them, and stopped with the demo."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from lti_tool.config import PROJECT_ROOT, Settings
from lti_tool.errors import ToolError

START_PATIENCE = 180.0
STOP_PATIENCE = 30.0


class Processes:
    """The web server and the worker."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self._environment = environment_of(settings, database_url)
        self._ready_url = f"{settings.public_url}/readyz"
        self._log = settings.data_dir / "tool.log"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Both are started; returns when the web server is ready. Raises ToolError if one ends first."""
        with self._log.open("ab") as log:
            for name in ("serve", "worker"):
                # A group of its own: Ctrl-C must reach us alone, who stop them in order.
                self._running[name] = subprocess.Popen(
                    [*_ends_with_us(), sys.executable, "-m", "lti_tool", name],
                    cwd=PROJECT_ROOT,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        deadline = time.monotonic() + START_PATIENCE
        while not self._is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise ToolError("demo_not_ready", "The tool's web server did not become ready in time.")
            time.sleep(0.2)

    def check(self) -> None:
        """Raises ToolError if a process has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                message = f"“lectern {name}” ended with code {process.returncode}. Its last words are in {self._log}"
                raise ToolError("demo_process_ended", message)

    def stop(self) -> None:
        """Ask both to finish what they do, then insist."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _is_ready(self) -> bool:
        try:
            return requests.get(self._ready_url, timeout=5).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def running(settings: Settings, database_url: str) -> Iterator[Processes]:
    """The tool's processes for the length of a block."""
    processes = Processes(settings, database_url)
    try:
        processes.start()
        yield processes
    finally:
        processes.stop()


def environment_of(settings: Settings, database_url: str) -> dict[str, str]:
    """The settings as the environment that gives them; nothing else of ours is handed on."""
    return {
        "PATH": os.defpath,
        "DATABASE_URL": database_url,
        "LECTERN_ALLOW_LOOPBACK_PLATFORMS": "yes",
        "LECTERN_BIND": settings.bind,
        "LECTERN_DATA_DIR": str(settings.data_dir),
        "LECTERN_KEYS_DIR": str(settings.keys_dir),
        "LECTERN_LOG_LEVEL": settings.log_level,
        "LECTERN_PUBLIC_URL": settings.public_url,
        "LECTERN_WEB_WORKERS": str(settings.web_workers),
        "LECTERN_WEB_THREADS": str(settings.web_threads),
        "LECTERN_WORKER_CONCURRENCY": str(settings.worker_concurrency),
    }


def _ends_with_us() -> list[str]:
    """Linux tells a child when its parent was killed, so that no half of a demo stays behind."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
