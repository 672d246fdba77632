"""Paper exams from outside the tool."""

from typing import TextIO

import click

from lti_tool.cli.group import main, operator_session
from lti_tool.scans.receipts import check_receipt


@main.group()
def scans() -> None:
    """Scanned papers of exams."""


@scans.command("verify-receipt")
@click.argument("receipt", type=click.File(encoding="utf-8"))
def verify_receipt_command(receipt: TextIO) -> None:
    """Check that a student's receipt is ours and unaltered."""
    with operator_session() as (runtime, session):
        record = check_receipt(session, runtime.secrets, receipt.read())
        said = "confirmed by the student" if record.by_id == record.person_id else "accepted on the student's behalf"
        click.echo(f"Genuine: {said} at {record.signed_at:%Y-%m-%d %H:%M:%S} UTC, {record.pages} pages.")
