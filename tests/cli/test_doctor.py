"""The doctor on the command line."""

import pytest
from sqlalchemy import Engine, text

from tests.cli.conftest import Command


def test_a_house_without_a_worker_is_not_well(command: Command) -> None:
    printed = command("doctor", "--offline")
    assert printed.exit_code == 1
    assert "failed   Worker: No worker runs" in printed.output and "ok       Database: PostgreSQL" in printed.output


@pytest.mark.parametrize("words", [("doctor",), ("doctor", "--offline")])
def test_an_empty_database_is_to_be_migrated_first(
    command: Command, committed_engine: Engine, words: tuple[str, ...]
) -> None:
    with committed_engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    printed = command(*words)
    assert printed.exit_code == 1 and isinstance(printed.exception, SystemExit)
    assert "Migrate first: lectern migrate" in printed.output
