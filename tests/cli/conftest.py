"""The commands as an operator runs them: by name, with settings from the environment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command as command_line
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from lti_tool.cli import main
from lti_tool.migrate import alembic_config

Command = Callable[..., Result]


@pytest.fixture
def environment(committed_engine: Engine, tmp_path: Path) -> dict[str, str]:
    with committed_engine.connect() as connection:
        command_line.stamp(alembic_config(connection), "head")
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
