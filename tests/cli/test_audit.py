"""Checking the audit from the command line."""

import json
from pathlib import Path

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


def test_an_export_is_checked_without_a_database(command: Command, tmp_path: Path) -> None:
    export = tmp_path / "audit.jsonl"
    export.write_text(json.dumps({"head": {"sequence": 2, "hash": "00"}}) + "\n")
    printed = command("audit", "verify", "--file", str(export))
    assert (printed.exit_code, printed.output.partition(".")[0]) == (1, "1: cut off")


def test_what_is_no_export_is_refused_in_words(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing of the kind")
    assert "not a complete export" in command("audit", "verify", "--file", str(tmp_path / "notes.txt")).output
