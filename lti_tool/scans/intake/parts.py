"""Large files in parts, kept beside the stored files until they are whole: a reload or a lost line costs one part.

Parts come in order: each says where it begins, and whoever begins elsewhere hears how far the file is.
"""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from os import SEEK_END
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import Settings
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import clean_name
from lti_tool.files.uploads import Upload
from lti_tool.scans.exam import exam_of
from lti_tool.scans.intake.models import PartialUpload

MOST_BYTES = 2 * 1024 * 1024 * 1024
ZIP = b"PK\x03\x04"
PART_BYTES = 8 * 1024 * 1024
BLOCK = 1024 * 1024
SPARE_BYTES = 256 * 1024 * 1024
"""What stays free on the disk: an upload that would fill it is refused before its first byte."""
KEPT = timedelta(days=3)


class PartsFolder:
    """Where unfinished files lie."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, settings: Settings) -> "PartsFolder":
        return cls(settings.data_dir / "uploads")

    def path(self, upload: PartialUpload) -> Path:
        return self.root / str(upload.id)

    def require_room(self, size: int) -> None:
        """Raises InvalidInput where the disk cannot hold so much."""
        self.root.mkdir(mode=0o750, parents=True, exist_ok=True)
        if shutil.disk_usage(self.root).free < size + SPARE_BYTES:
            raise InvalidInput("disk_full", "There is no room for this file on the server. Tell your administrator.")


def begin(
    session: Session, viewer: Viewer, folder: PartsFolder, *, name: str, size: int, fingerprint: str, batch_id: UUID
) -> PartialUpload:
    """Begin a file, or find the one that the viewer began before: `received` says where to go on."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    if not 0 < size <= MOST_BYTES:
        raise InvalidInput(
            "file_too_large",
            "“%(name)s” is too large: at most %(max_bytes)s can be sent.",
            {"name": clean_name(name), "max_bytes": f"{MOST_BYTES // 1024**3} GB"},
        )
    known = session.scalar(
        select(PartialUpload).where(
            PartialUpload.placement_id == exam.id,
            PartialUpload.by_id == viewer.person_id,
            PartialUpload.fingerprint == fingerprint[:200],
            PartialUpload.finished_at.is_(None),
        )
    )
    if known is not None and known.size == size:
        return known
    folder.require_room(size)
    upload = PartialUpload(
        id=uuid4(),
        placement_id=exam.id,
        by_id=viewer.person_id,
        batch_id=batch_id,
        name=clean_name(name),
        size=size,
        fingerprint=fingerprint[:200],
        received=0,
        changed_at=now(),
    )
    session.add(upload)
    session.flush()
    return upload


def upload_for(session: Session, viewer: Viewer, upload_id: UUID) -> PartialUpload:
    """The viewer's own unfinished file, locked; raises NotFound."""
    viewer.require(Capability.HANDLE_SCANS)
    upload = session.scalar(
        select(PartialUpload)
        .where(
            PartialUpload.id == upload_id,
            PartialUpload.placement_id == exam_of(session, viewer).id,
            PartialUpload.by_id == viewer.person_id,
        )
        .with_for_update()
    )
    if upload is None:
        raise NotFound("upload_unknown")
    return upload


def append(session: Session, upload: PartialUpload, folder: PartsFolder, part: IO[bytes], *, offset: int) -> bool:
    """Add the part that begins at `offset`; whether the file is whole now. A part sent twice adds nothing."""
    if upload.finished_at is not None or offset != upload.received:
        return upload.finished_at is not None
    written = _write(folder.path(upload), part, offset, min(PART_BYTES, upload.size - offset))
    upload.received, upload.changed_at = offset + written, now()
    if upload.received == upload.size:
        upload.finished_at = now()
    session.flush()
    return upload.finished_at is not None


def archives_among(uploads: Sequence[Upload]) -> tuple[list[Upload], list[Upload]]:
    """Archives, which are unpacked in the background, and the other files."""
    archives = [upload for upload in uploads if _begins_like_an_archive(upload)]
    return archives, [upload for upload in uploads if upload not in archives]


def keep_archive(
    session: Session, viewer: Viewer, folder: PartsFolder, upload: Upload, batch_id: UUID
) -> PartialUpload:
    """An archive that came whole, by the plain form, is a file of one part."""
    size = upload.stream.seek(0, SEEK_END)
    upload.stream.seek(0)
    kept = begin(session, viewer, folder, name=upload.name, size=size, fingerprint=str(uuid4()), batch_id=batch_id)
    while kept.finished_at is None:
        append(session, kept, folder, upload.stream, offset=kept.received)
    return kept


def _begins_like_an_archive(upload: Upload) -> bool:
    head = upload.stream.read(len(ZIP))
    upload.stream.seek(0)
    return head == ZIP


def forget_old(session: Session, folder: PartsFolder) -> int:
    """Delete what nobody has gone on with for days; how many."""
    old = session.scalars(
        select(PartialUpload).where(PartialUpload.changed_at < now() - KEPT, PartialUpload.finished_at.is_(None))
    )
    count = 0
    for upload in old:
        folder.path(upload).unlink(missing_ok=True)
        session.delete(upload)
        count += 1
    return count


def _write(path: Path, part: IO[bytes], offset: int, most: int) -> int:
    """Whatever an aborted part left behind the offset is written over."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "wb") as output:
        output.truncate(offset)
        output.seek(offset)
        written = 0
        while written < most and (block := part.read(min(BLOCK, most - written))):
            output.write(block)
            written += len(block)
        output.flush()
    return written
