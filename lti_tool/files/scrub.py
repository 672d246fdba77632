"""Are the stored bytes still what was accepted? Asked of every file by turns, those first that were not asked longest.

What is damaged or gone is marked and no longer served; a backup put back in its place is found sound the next time.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, or_, select, update

from lti_tool.db import now, transaction
from lti_tool.errors import ToolError
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore

log = logging.getLogger(__name__)
FINDINGS = frozenset({"file_changed", "file_missing"})
AT_ONCE = 100


def scrub(engine: Engine, store: FileStore, *, begun: datetime, until: datetime) -> int:
    """Check files that were not checked since `begun`, until that moment; how many are damaged or gone."""
    return sum(_is_damaged(engine, store, file_id) for file_id in _unchecked(engine, begun, until))


def _unchecked(engine: Engine, begun: datetime, until: datetime) -> Iterator[UUID]:
    wanted = (
        select(StoredFile.id)
        .where(or_(StoredFile.checked_at.is_(None), StoredFile.checked_at < begun))
        .order_by(StoredFile.checked_at.nulls_first(), StoredFile.id)
        .limit(AT_ONCE)
    )
    while True:
        with transaction(engine) as session:
            found = session.scalars(wanted).all()
        if not found:
            return
        for file_id in found:
            if now() >= until:
                return
            yield file_id


def _is_damaged(engine: Engine, store: FileStore, file_id: UUID) -> bool:
    """A storage that does not answer says nothing about the file: that error ends the night's check."""
    with transaction(engine) as session:
        stored = session.get(StoredFile, file_id)
        if stored is None:
            return False
        session.expunge(stored)
    code = ""
    try:
        store.verify(stored)
    except ToolError as error:
        if error.code not in FINDINGS:
            raise
        code = error.code
        log.error(code, extra={"file_id": str(file_id)})
    with transaction(engine) as session:
        checked = {"checked_at": now(), "is_damaged": bool(code)}
        session.execute(update(StoredFile).where(StoredFile.id == file_id).values(checked))
    return bool(code)
