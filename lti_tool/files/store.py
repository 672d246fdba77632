"""A directory of files named by their SHA-256 (scans.md 4.7): written aside, synced, then linked into place.

Where nodes share no directory, the bytes are kept in object storage too, and the directory holds copies of them.
The row is the truth. Bytes whose transaction rolled back, or whose last row was deleted, are orphans until the
nightly sweep. A put holds a shared lock on the hash, the sweep an exclusive one: neither can miss the other.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import Engine, delete, select, text
from sqlalchemy.orm import Session

from lti_tool.config import Settings
from lti_tool.db import transaction
from lti_tool.errors import NotFound, ToolError
from lti_tool.files.media_types import MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.objects import NoObject, ObjectStore, object_store

BLOCK = 1024 * 1024
COPY_DAYS = 14
DRAFTS = "drafts"
DERIVED = "derived"
LOCK_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:sha256, 0))")
TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:sha256, 0))")


class FileStore:
    """Put, open, verify and sweep content-addressed files under one directory."""

    def __init__(self, root: Path, objects: ObjectStore | None = None) -> None:
        self.root = root
        self.objects = objects

    @classmethod
    def of(cls, settings: Settings) -> "FileStore":
        """The store of this installation."""
        if settings.object_storage is None:
            return cls(settings.data_dir / "files")
        return cls(settings.data_dir / "files", object_store(settings.object_storage))

    def put(
        self, session: Session, stream: IO[bytes], *, name: str, media_type: MediaType, course_id: int | None = None
    ) -> StoredFile:
        """Store the bytes of an accepted upload and its row, in the caller's transaction."""
        draft, sha256, size = self._write_draft(stream)
        try:
            session.execute(LOCK_SHARED, {"sha256": sha256})
            if self.objects:
                self.objects.put(sha256, draft)
            self._link(draft, self.path_of(sha256))
        finally:
            draft.unlink()
        stored = StoredFile(sha256=sha256, size=size, media_type=media_type, name=name, course_id=course_id)
        session.add(stored)
        session.flush()
        return stored

    def path(self, stored: StoredFile) -> Path:
        """Where the bytes lie; raises ToolError if they are gone, or were found damaged."""
        if stored.is_damaged:
            raise _changed(stored)
        path = self.path_of(stored.sha256)
        if not path.is_file():
            with self._fetched(stored) as draft:
                self._link(draft, path)
        return path

    def open(self, stored: StoredFile) -> IO[bytes]:
        return self.path(stored).open("rb")

    def verify(self, stored: StoredFile) -> None:
        """Raises ToolError unless the bytes still are what was accepted."""
        if self.objects:
            with self._fetched(stored):
                return
        path = self.path_of(stored.sha256)
        if not path.is_file():
            raise _missing(stored)
        _check(stored, path)

    def sweep(self, engine: Engine, *, older_than_seconds: float = 3600) -> int:
        """Delete files without a row, and drafts that a killed process left; how many."""
        before = time.time() - older_than_seconds
        drafts = [path for path in (self.root / DRAFTS).glob("*") if path.stat().st_mtime < before]
        for draft in drafts:
            draft.unlink(missing_ok=True)
        orphans = [path for path in self._files() if path.stat().st_mtime < before and self._drop(engine, path)]
        if self.objects:
            self._drop_old_copies()
            moment = datetime.fromtimestamp(before, UTC)
            return len(drafts) + len(orphans) + self._sweep_objects(self.objects, engine, moment)
        return len(drafts) + len(orphans)

    def forget(self, engine: Engine, hashes: Iterable[str]) -> None:
        """Delete these bytes now, as far as no row names them any more; what is left is the sweep's."""
        for sha256 in sorted(set(hashes)):
            shutil.rmtree(self.derived(sha256), ignore_errors=True)
            self._drop(engine, self.path_of(sha256))
            if self.objects:
                _drop_object(self.objects, engine, sha256, datetime.now(UTC))

    def path_of(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def derived(self, sha256: str) -> Path:
        """The folder of what was made from a file and can be made again at any time."""
        return self.root / DERIVED / sha256[:2] / sha256

    def require_writable(self) -> None:
        """Asked at the start, so that it is not the first upload that fails. Raises OSError."""
        with tempfile.TemporaryFile(dir=self._drafts()):
            pass

    def _drafts(self) -> Path:
        folder = self.root / DRAFTS
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        return folder

    def _write_draft(self, stream: IO[bytes]) -> tuple[Path, str, int]:
        digest = hashlib.sha256()
        stream.seek(0)
        descriptor, draft = tempfile.mkstemp(dir=self._drafts())
        with os.fdopen(descriptor, "wb") as output:
            while block := stream.read(BLOCK):
                digest.update(block)
                output.write(block)
            output.flush()
            os.fchmod(output.fileno(), 0o440)
            os.fsync(output.fileno())
            size = output.tell()
        return Path(draft), digest.hexdigest(), size

    def _link(self, draft: Path, target: Path) -> None:
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            os.link(draft, target)
        except FileExistsError:
            os.utime(target)  # Young again, so that a sweep that looked a moment ago leaves it alone.
        _sync_folder(target.parent)

    @contextmanager
    def _fetched(self, stored: StoredFile) -> Iterator[Path]:
        """The bytes from object storage, checked, as a draft that is deleted afterwards."""
        if self.objects is None:
            raise _missing(stored)
        with tempfile.TemporaryDirectory(dir=self._drafts()) as folder:
            draft = Path(folder) / stored.sha256
            try:
                self.objects.fetch(stored.sha256, draft)
            except NoObject as error:
                raise _missing(stored) from error
            draft.chmod(0o440)
            _check(stored, draft)
            yield draft

    def _drop_old_copies(self) -> None:
        """What was fetched long ago is fetched again when somebody asks for it."""
        before = time.time() - COPY_DAYS * 24 * 3600
        for path in self._files():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _sweep_objects(self, objects: ObjectStore, engine: Engine, before: datetime) -> int:
        return sum(_drop_object(objects, engine, sha256, before) for sha256 in list(objects.older_than(before)))

    def _files(self) -> Iterator[Path]:
        return (path for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*") if path.is_file())

    def _drop(self, engine: Engine, path: Path) -> bool:
        with transaction(engine) as session:
            if not session.scalar(TRY_LOCK, {"sha256": path.name}):
                return False
            if session.scalar(select(StoredFile.id).where(StoredFile.sha256 == path.name).limit(1)):
                return False
            path.unlink(missing_ok=True)
            shutil.rmtree(self.derived(path.name), ignore_errors=True)
        return True


def forget_rows(session: Session, file_ids: Iterable[UUID]) -> list[str]:
    """Delete the rows of files that nothing refers to any more; their hashes, for `FileStore.forget` after commit."""
    gone = delete(StoredFile).where(StoredFile.id.in_(list(file_ids))).returning(StoredFile.sha256)
    return list(session.scalars(gone.execution_options(synchronize_session=False)))


def file_of_course(session: Session, file_id: object, course_id: int) -> StoredFile:
    """The file if it belongs to this course; raises NotFound. Who in the course may see it is its owner's rule."""
    stored = session.scalar(select(StoredFile).where(StoredFile.id == file_id, StoredFile.course_id == course_id))
    if stored is None:
        raise NotFound("file_unknown")
    return stored


def _drop_object(objects: ObjectStore, engine: Engine, sha256: str, before: datetime) -> bool:
    """Its age is asked again behind the lock: a put since then has made it young."""
    with transaction(engine) as session:
        if not session.scalar(TRY_LOCK, {"sha256": sha256}):
            return False
        if session.scalar(select(StoredFile.id).where(StoredFile.sha256 == sha256).limit(1)):
            return False
        put_at = objects.put_at(sha256)
        if put_at is None or put_at >= before:
            return False
        objects.delete(sha256)
    return True


def _check(stored: StoredFile, path: Path) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != stored.sha256:
        raise _changed(stored)


def _missing(stored: StoredFile) -> ToolError:
    return ToolError("file_missing", "A stored file is missing from the disk.", file_id=stored.id)


def _changed(stored: StoredFile) -> ToolError:
    return ToolError("file_changed", "A stored file is damaged on the disk.", file_id=stored.id)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
