"""An installation from nothing: web and worker on an embedded database of their own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from lti_tool.embedded_postgres import EmbeddedPostgres, remove_database
from lti_tool.embedded_postgres.postmaster import find_postmaster
from lti_tool.embedded_postgres.storage import database_home
from tests.cli.conftest import Command
from tests.fixtures.patience import PATIENCE
from tests.fixtures.ports import quiet_port

ROOT = Path(__file__).parents[2]


class Installation:
    def __init__(self, folder: Path) -> None:
        self.address = f"127.0.0.1:{quiet_port()}"
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "LECTERN_BIND": self.address,
            "LECTERN_DATA_DIR": str(folder / "data"),
            "LECTERN_KEYS_DIR": str(folder / "keys"),
            "LECTERN_PUBLIC_URL": f"http://{self.address}",
            "LECTERN_WEB_WORKERS": "1",
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "lti_tool", *words]
        started = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.PIPE, text=True)
        self.started.append(started)
        return started

    def end(self) -> None:
        for process in self.started:
            process.terminate()
            process.communicate(timeout=300)

    def wait_for_worker(self) -> None:
        with EmbeddedPostgres.start(self.folder / "data") as server, psycopg.connect(server.url) as connection:
            connection.autocommit = True
            while not connection.execute("SELECT count(*), pg_sleep(0.05) FROM procrastinate_workers").fetchone()[0]:
                assert self.started[-1].poll() is None

    def database_runs(self) -> bool:
        return find_postmaster(database_home(self.folder / "data") / "postgres") is not None


@pytest.fixture
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        made = Installation(Path(folder))
        yield made
        made.end()
        remove_database(Path(folder, "data"))


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> int:
    process.send_signal(number)
    process.communicate(timeout=300)
    return process.returncode


def test_web_and_worker_share_a_database_that_ends_with_the_last(installation: Installation) -> None:
    web = installation.start("serve", "--migrate")
    while "Booting worker" not in web.stderr.readline():
        assert web.poll() is None
    worker = installation.start("worker")
    installation.wait_for_worker()
    assert requests.get(f"http://{installation.address}/healthz", timeout=PATIENCE).ok
    assert end(web, signal.SIGTERM) == 0
    assert installation.database_runs()
    assert end(worker, signal.SIGINT) == 0
    assert not installation.database_runs()


def test_an_unknown_setting_stops_the_start_with_its_name(command: Command, environment: dict[str, str]) -> None:
    environment["LECTERN_COLOUR"] = "blue"
    printed = command("serve")
    assert printed.exit_code == 1
    assert "LECTERN_COLOUR" in printed.output


def test_a_folder_that_cannot_be_written_is_named(
    command: Command, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "taken").touch()
    environment["LECTERN_KEYS_DIR"] = str(tmp_path / "taken" / "keys")
    printed = command("migrate")
    assert printed.exit_code == 1
    assert printed.output == f"Error: Not a directory: {environment['LECTERN_KEYS_DIR']}\n"


@pytest.mark.parametrize("process", ["serve", "worker"])
def test_no_process_starts_where_uploads_could_not_be_kept(
    command: Command, environment: dict[str, str], tmp_path: Path, process: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "files").touch()
    environment["LECTERN_DATA_DIR"] = str(tmp_path / "data")
    assert command("migrate").exit_code == 0
    printed = command(process)
    assert (printed.exit_code, "data/files" in printed.output) == (1, True)


def test_migrating_twice_changes_nothing(command: Command) -> None:
    assert command("migrate").exit_code == 0
    assert command("migrate").output == "The database is up to date.\n"
