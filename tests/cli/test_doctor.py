"""The doctor on the command line."""

from tests.cli.conftest import Command


def test_a_house_without_a_worker_is_not_well(command: Command) -> None:
    printed = command("doctor", "--offline")
    assert printed.exit_code == 1
    assert "failed   Worker: No worker runs" in printed.output and "ok       Database: PostgreSQL" in printed.output
