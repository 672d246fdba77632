"""Checking the audit from the command line."""

from sqlalchemy import Engine, text

from tests.cli.conftest import Command


def test_an_audit_as_it_was_written_is_intact(command: Command) -> None:
    command("register")
    printed = command("audit", "verify")
    assert printed.exit_code == 0
    assert printed.output == "The audit is intact.\n"


def test_a_changed_row_is_named(command: Command, committed_engine: Engine) -> None:
    command("register")
    command("register")
    with committed_engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_entry SET action = 'grade.approved' WHERE sequence = 2"))
    printed = command("audit", "verify")
    assert printed.exit_code == 1
    assert printed.output.startswith("2: changed.")
