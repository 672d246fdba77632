"""Paper exams from outside the tool."""

import time
from pathlib import Path
from typing import TextIO
from uuid import UUID, uuid4

import click

from lti_tool.accounts.models import Placement
from lti_tool.cli.group import main, operator_runtime, operator_session, plain_errors
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput
from lti_tool.files.uploads import Outcome
from lti_tool.runtime import Runtime
from lti_tool.scans.exam import exam_by_id
from lti_tool.scans.intake.parts import MOST_BYTES
from lti_tool.scans.intake.taking_in import Sender, take_in
from lti_tool.scans.intake.watching import WatchedFolder, files_in
from lti_tool.scans.receipts import check_receipt
from lti_tool.scans.states import Source

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


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


@scans.command("ingest")
@click.argument("folder", type=FOLDER)
@click.option("--exam", "exam_id", required=True, type=click.UUID, help="The exam's number, from its page of scanners.")
@click.option("--by", "person_id", type=int, help="Who answers for the pile; otherwise whoever made the exam.")
def ingest_command(folder: Path, exam_id: UUID, person_id: int | None) -> None:
    """Add the scans of a folder, with its subfolders, to an exam; each bad file says why, and the others go on."""
    with operator_runtime() as runtime, plain_errors():
        sender = _sender(runtime, exam_id, person_id)
        outcomes = [one for path in files_in(folder) for one in _take(runtime, sender, path)]
    if not all(outcome.is_accepted for outcome in outcomes):
        raise click.ClickException("Not every file was taken.")


@scans.command("watch")
@click.argument("folder", type=FOLDER)
@click.option("--exam", "exam_id", required=True, type=click.UUID, help="The exam's number, from its page of scanners.")
@click.option("--by", "person_id", type=int, help="Who answers for the piles; otherwise whoever made the exam.")
@click.option("--every", "seconds", type=click.IntRange(1, 3600), default=10, show_default=True)
@click.option("--once", is_flag=True, help="Look twice and end, for a timer of the system.")
def watch_command(folder: Path, exam_id: UUID, person_id: int | None, seconds: int, once: bool) -> None:
    """Take files that a scanner leaves in a folder, and put them into its subfolders taken/ or refused/."""
    watched = WatchedFolder(folder)
    with operator_runtime() as runtime, plain_errors():
        sender = _sender(runtime, exam_id, person_id)
        watched.settled()
        while True:
            time.sleep(seconds)
            for path in watched.settled():
                outcomes = _take(runtime, sender, path)
                watched.put_away(path, all(outcome.is_accepted for outcome in outcomes))
            if once:
                return


def _sender(runtime: Runtime, exam_id: UUID, person_id: int | None) -> Sender:
    with transaction(runtime.engine) as session:
        exam: Placement = exam_by_id(session, exam_id)
        answerable = person_id or exam.created_by_id
    if answerable is None:
        raise InvalidInput("person_missing", "Say with --by who answers for this pile.")
    return Sender(placement_id=exam_id, batch_id=uuid4(), person_id=answerable, role="operator", source=Source.COMMAND)


def _take(runtime: Runtime, sender: Sender, path: Path) -> list[Outcome]:
    outcomes = take_in(runtime, sender, path, path.name, most_bytes=MOST_BYTES)
    for outcome in outcomes:
        click.echo(f"{outcome.name}: {outcome.reason or 'received'}")
    return outcomes
