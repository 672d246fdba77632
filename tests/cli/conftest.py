"""The commands as an operator runs them: by name, with settings from the environment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from lti_tool.cli import main

Command = Callable[..., Result]


@pytest.fixture
def environment(committed_engine: Engine, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": committed_engine.url.render_as_string(hide_password=False),
        "LECTERN_KEYS_DIR": str(tmp_path / "keys"),
        "LECTERN_PUBLIC_URL": "https://lectern.example",
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    """Run `lectern <words>` on a database of this test's own."""

    def run(*words: str) -> Result:
        return CliRunner(env=environment).invoke(main, words)

    return run
