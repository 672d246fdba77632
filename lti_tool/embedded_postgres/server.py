"""Start, share and stop the server: web and worker are two processes of one installation and use one server.

Each user of the server holds a shared lock on `postgres.users`; starting and stopping hold `postgres.lock`
alone. Whoever leaves last stops the server. A killed process has lost its lock, and its server is adopted.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from lti_tool.embedded_postgres.account import Account, account_for
from lti_tool.embedded_postgres.cluster import ROLE, ensure_cluster
from lti_tool.embedded_postgres.postmaster import Postmaster, find_postmaster, is_serving
from lti_tool.embedded_postgres.storage import binaries_for, database_home, reachable_home, socket_folder
from lti_tool.errors import ToolError

DATABASE = "lectern"
OPTIONS = ("listen_addresses=", "max_connections=300", "unix_socket_permissions=0700", "timezone=UTC")
FAST_OPTIONS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
STILL_DYING = "pre-existing shared memory block"
START_PATIENCE = 120.0  # seconds; replaying the log after a crash takes this long on a slow disk
CRASH_PATIENCE = 10.0
STOP_PATIENCE = 60.0

# Servers this process started: whoever starts a process must collect its end.
_children: dict[int, subprocess.Popen[bytes]] = {}


class EmbeddedPostgres:
    """A running server, in use until `stop`."""

    def __init__(self, cluster: Path, postmaster: Postmaster, users_lock: int) -> None:
        self.url = database_url(postmaster.socket_folder)
        self._cluster = cluster
        self._postmaster = postmaster
        self._users_lock: int | None = users_lock

    @classmethod
    def start(cls, data_dir: Path, *, fast: bool = False) -> Self:
        """Start the server of this data folder or join the one that runs; `fast` is unsafe, for tests."""
        data_dir = data_dir.resolve()
        account = account_for(database_home(data_dir) / "postgres")
        home = reachable_home(data_dir, account)
        programs = binaries_for(home, account)
        with _alone(home):
            cluster = ensure_cluster(home, programs, account, sync=not fast)
            postmaster = _running(cluster) or _launch(cluster, programs, account, fast=fast)
            _ensure_database(postmaster)
            return cls(cluster, postmaster, _locked(home / "postgres.users", fcntl.LOCK_SH))

    def stop(self) -> None:
        """Leave the server; the last to leave stops it. Connections are cut, transactions rolled back."""
        if self._users_lock is None:
            return
        with _alone(self._cluster.parent):
            # Closing, not unlocking: a forked process that still runs keeps the lock of its copy.
            os.close(self._users_lock)
            self._users_lock = None
            if not _in_use(self._cluster.parent):
                _shut_down(self._cluster, self._postmaster)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def database_url(folder: Path, database: str = DATABASE) -> str:
    """The address of a database behind the socket in this folder, for psycopg and SQLAlchemy."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(folder), safe='')}"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock = _locked(home / "postgres.lock", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _locked(path: Path, kind: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, kind)
    return descriptor


def _in_use(home: Path) -> bool:
    descriptor = os.open(home / "postgres.users", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _running(cluster: Path) -> Postmaster | None:
    """The server that another process left or shares, once it accepts connections."""
    if find_postmaster(cluster) is None:
        return None
    _wait(lambda: find_postmaster(cluster) is None or _accepting(cluster) is not None, START_PATIENCE)
    postmaster = _accepting(cluster)
    if postmaster is None and find_postmaster(cluster) is not None:
        # Starting another would take the file postmaster.pid away from this one, which then stops at once.
        raise ToolError("database_busy", "The database is running but does not accept connections. Try again later.")
    return postmaster


def _accepting(cluster: Path) -> Postmaster | None:
    postmaster = find_postmaster(cluster)
    return postmaster if postmaster and postmaster.accepts_connections() else None


def _launch(cluster: Path, programs: Path, account: Account, *, fast: bool) -> Postmaster:
    place = f"unix_socket_directories={socket_folder(cluster.parent, account)}"
    options = (*OPTIONS, place, *(FAST_OPTIONS if fast else ()))
    command: list[str | Path] = [programs / "postgres", "-D", cluster]
    for option in options:
        command += ["-c", option]
    deadline = time.monotonic() + CRASH_PATIENCE
    while True:
        postmaster, output = _try_launch(command, cluster, account)
        if postmaster:
            return postmaster
        # The processes of a server that was killed need a moment to notice.
        if STILL_DYING not in output or time.monotonic() > deadline:
            raise ToolError("database_not_started", f"The database did not start: {output[-600:].strip()}")
        time.sleep(0.2)


def _try_launch(command: list[str | Path], cluster: Path, account: Account) -> tuple[Postmaster | None, str]:
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    log = cluster.parent / "postgres.log"
    with log.open("ab") as output:
        beginning = output.tell()
        # A session of its own: Ctrl-C in a terminal must reach us, not the database under our feet.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, **account.process_options()
        )
    _children[process.pid] = process
    _wait(lambda: process.poll() is not None or _accepting(cluster) is not None, START_PATIENCE)
    return _accepting(cluster), log.read_bytes()[beginning:].decode(errors="replace")


def _ensure_database(postmaster: Postmaster) -> None:
    with psycopg.connect(database_url(postmaster.socket_folder, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _shut_down(cluster: Path, postmaster: Postmaster) -> None:
    if is_serving(postmaster.pid, cluster):
        os.kill(postmaster.pid, signal.SIGINT)
    if not _wait(lambda: not is_serving(postmaster.pid, cluster), STOP_PATIENCE):
        raise ToolError("database_not_stopped", "The database did not stop within a minute.")
    child = _children.pop(postmaster.pid, None)
    if child:
        child.wait()
    if postmaster.socket_folder.parent != cluster.parent:
        shutil.rmtree(postmaster.socket_folder, ignore_errors=True)


def _wait(reached: Callable[[], bool], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
