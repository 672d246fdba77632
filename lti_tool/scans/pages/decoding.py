"""The pictures of a file's pages, taken out of it in the limited process and kept, some pages at a time.

A job that runs twice takes out only what is still missing. Where the process dies of a page, each page of that part
is tried alone: the one that kills it is damaged, its neighbours are not.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import transaction
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.scans.exam import digits_of
from lti_tool.scans.models import SentFile
from lti_tool.scans.moves import move_page
from lti_tool.scans.pages.evidence import keep_readings
from lti_tool.scans.pages.models import Page
from lti_tool.scans.pages.reading import read_pictures
from lti_tool.scans.pages.states import PageState
from lti_tool.scans.pages.taking_out import take_out
from lti_tool.secrets import Secrets

PAGES_AT_ONCE = 25
LIMITS = sandbox.Limits(memory=sandbox.MEMORY, cpu_seconds=60)


def decode(engine: Engine, secrets: Secrets, store: FileStore, sent_file_id: UUID, numbers: Sequence[int]) -> None:
    """Take out these pages of a file, unless that was done already; no transaction is open while it is read."""
    with transaction(engine) as session:
        sent = session.get_one(SentFile, sent_file_id)
        waiting = _waiting(session, sent, numbers)
        digits = digits_of(session, session.get_one(Placement, sent.placement_id))
    if not waiting or sent.file is None:
        return
    with tempfile.TemporaryDirectory(prefix="lectern-pages-") as folder:
        found = _taken_out(str(store.path(sent.file)), sent.file.media_type == MediaType.PDF, waiting, folder)
        _read(found, Path(folder), digits)
        with transaction(engine) as session:
            keep(session, store, session.get_one(SentFile, sent_file_id), found, Path(folder), secrets)


def keep(
    session: Session,
    store: FileStore,
    sent: SentFile,
    found: Sequence[dict[str, Any]],
    folder: Path,
    secrets: Secrets,
) -> None:
    """Store what was taken out and read; a page without a picture is damaged."""
    by_number = {measured["number"]: measured for measured in found}
    pages = select(Page).where(
        Page.sent_file_id == sent.id, Page.number.in_(by_number), Page.state == PageState.RECEIVED
    )
    for page in session.scalars(pages.order_by(Page.number).with_for_update(of=Page)):
        measured = by_number[page.number]
        if "sha256" not in measured:
            move_page(session, page, PageState.DAMAGED)
            continue
        with (folder / f"{page.number}.jpg").open("rb") as stream:
            page.image = store.put(
                session,
                stream,
                name=f"{page.number}.jpg",
                media_type=MediaType.JPEG,
                course_id=sent.file.course_id if sent.file else None,
            )
        page.sha256, page.phash = measured["sha256"], measured["phash"]
        page.ink, page.rotation = measured["ink"], measured["rotation"]
        keep_readings(session, secrets, page, measured.get("read", {}))
        move_page(session, page, PageState.DECODED)


def is_decoded(session: Session, sent: SentFile) -> bool:
    """Whether no page of the file still waits for its picture."""
    waiting = select(Page.id).where(Page.sent_file_id == sent.id, Page.state == PageState.RECEIVED)
    return session.scalar(waiting.limit(1)) is None


def _waiting(session: Session, sent: SentFile, numbers: Sequence[int]) -> list[int]:
    waiting = select(Page.number).where(
        Page.sent_file_id == sent.id, Page.number.in_(numbers), Page.state == PageState.RECEIVED
    )
    return list(session.scalars(waiting.order_by(Page.number)))


def _read(found: Sequence[dict[str, Any]], folder: Path, digits: int) -> None:
    """Add what the readers see; a picture on which they fail has nothing to say, and is kept all the same."""
    drawn = [measured for measured in found if "sha256" in measured]
    for measured, read in zip(
        drawn, _readings([folder / f"{each['number']}.jpg" for each in drawn], digits), strict=True
    ):
        measured["read"] = read


def _readings(pictures: list[Path], digits: int) -> list[dict[str, Any]]:
    try:
        return sandbox.run_within(LIMITS, read_pictures, [str(picture) for picture in pictures], digits)
    except InvalidInput:
        if len(pictures) <= 1:
            return [{} for _picture in pictures]
        return [read for picture in pictures for read in _readings([picture], digits)]


def _taken_out(path: str, is_pdf: bool, numbers: list[int], folder: str) -> list[dict[str, Any]]:
    try:
        return sandbox.run_within(LIMITS, take_out, path, is_pdf, numbers, folder)
    except InvalidInput:
        if len(numbers) == 1:
            return [{"number": numbers[0]}]
        return [found for number in numbers for found in _taken_out(path, is_pdf, [number], folder)]
