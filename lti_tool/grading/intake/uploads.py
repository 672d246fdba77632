"""The file of a pile: kept to be looked at, found again, and its members opened as a student's own upload is."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.intake import AcceptedUpload, accept, clean_name
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.grading.handing_in import ACCEPTED
from lti_tool.grading.intake.found import FoundWork
from lti_tool.grading.intake.models import WorkUpload

ZIP = b"PK\x03\x04"


def keep_upload(
    session: Session, viewer: Viewer, placement: Placement, stream: IO[bytes], name: str, store: FileStore, most: int
) -> WorkUpload:
    """Keep a ZIP or CSV to be looked at; the viewer's own before that nobody took is forgotten. Raises InvalidInput."""
    viewer.require(Capability.GRADE)
    content = stream.read(most + 1)
    if not content or len(content) > most:
        raise InvalidInput("pile_size", "Choose a ZIP or CSV file of at most %(most)s MB.", {"most": most // 1024**2})
    session.execute(
        delete(WorkUpload).where(
            WorkUpload.placement_id == placement.id,
            WorkUpload.uploaded_by_id == viewer.person_id,
            WorkUpload.taken_at.is_(None),
        )
    )
    kind = MediaType.ARCHIVE if content.startswith(ZIP) else MediaType.TEXT
    stored = store.put(session, io.BytesIO(content), name=clean_name(name), media_type=kind, course_id=viewer.course_id)
    upload = WorkUpload(placement_id=placement.id, file=stored, uploaded_by_id=viewer.person_id)
    session.add(upload)
    session.flush()
    return upload


def upload_for(session: Session, viewer: Viewer, placement: Placement, pile_id: UUID) -> WorkUpload:
    """An upload of this activity, for who may grade; raises NotFound."""
    viewer.require(Capability.GRADE)
    upload = session.get(WorkUpload, pile_id)
    if upload is None or upload.placement_id != placement.id:
        raise NotFound("upload_unknown")
    return upload


@contextmanager
def accepted_files(
    upload: WorkUpload, store: FileStore, found: FoundWork, most: int
) -> Iterator[Sequence[AcceptedUpload]]:
    """The files of one work, checked; gone behind the block. Raises InvalidInput."""
    if not found.members:
        yield []
        return
    with zipfile.ZipFile(store.path(upload.file)) as archive, ExitStack() as uploads:
        files = []
        for member in found.members:
            with _opened(archive, member) as stream:
                checked = accept(stream, name=_file_name(member), allowed=ACCEPTED, max_bytes=most)
            files.append(uploads.enter_context(checked))
        yield files


@contextmanager
def _opened(archive: zipfile.ZipFile, member: str) -> Iterator[IO[bytes]]:
    try:
        with archive.open(member) as stream:
            yield stream
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise InvalidInput(
            "file_broken_in_archive", "“%(name)s” is damaged or protected.", {"name": _file_name(member)}
        ) from error


def _file_name(member: str) -> str:
    """Without what Moodle puts before it where there are no folders."""
    name = clean_name(member)
    return name.partition("_assignsubmission_file_")[2] or name
