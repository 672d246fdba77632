"""`lectern demo` as a person uses it: one command, one address, Ctrl-C; the data are still there next time."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from lti_tool.config import PROJECT_ROOT, Settings
from lti_tool.demo.processes import environment_of
from lti_tool.demo.run import reset_demo, run_demo
from lti_tool.errors import InvalidInput, ToolError
from tests.fixtures.patience import PATIENCE
from tests.fixtures.ports import quiet_port

READY = re.compile(r"ready: (http://127\.0\.0\.1:\d+/)")


def command(data: Path) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.defpath,
        "LECTERN_BIND": f"127.0.0.1:{quiet_port()}",
        "LECTERN_DATA_DIR": str(data),
        "LECTERN_WEB_WORKERS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "lti_tool", "demo"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def started(data: Path) -> Iterator[str]:
    """The address that a demo prints; it is interrupted afterwards and must then end well."""
    process = command(data)
    try:
        assert process.stdout is not None
        said = ""
        while not READY.search(said):
            line = process.stdout.readline()
            assert line, f"the demo ended: {said}"
            said += line
        yield READY.search(said)[1]  # type: ignore[index]
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate()
        assert process.returncode == 0 and "has stopped" in rest, rest
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_the_demo_starts_stops_starts_again_and_is_reset(settings: Settings) -> None:
    with started(settings.data_dir) as first:
        assert "Be Teresa" in requests.get(first, timeout=PATIENCE).text
        with pytest.raises(ToolError, match="is running"):
            reset_demo(settings)
    with pytest.raises(requests.ConnectionError):
        requests.get(first, timeout=PATIENCE)
    with started(settings.data_dir) as second:
        assert second == first
    reset_demo(settings)
    assert not (settings.data_dir / "demo").exists()


def test_the_demo_listens_on_this_machine_alone(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="alone"):
        run_demo(replace(settings, bind="0.0.0.0:8000"))


def test_a_model_needs_an_address_and_a_name(settings: Settings) -> None:
    with pytest.raises(InvalidInput, match="both"):
        run_demo(settings, model_url="http://localhost:11434/v1")


def test_resetting_what_was_never_made_does_nothing(settings: Settings) -> None:
    reset_demo(settings)
    assert not settings.data_dir.exists()


def test_the_processes_get_settings_that_they_understand(settings: Settings) -> None:
    environment = environment_of(settings, "postgresql://lectern@/x")
    read = Settings.from_env(environment)
    assert read == replace(settings, database_url="postgresql://lectern@/x", allow_loopback_platforms=True)
