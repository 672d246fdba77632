"""Taking an archive apart: tar.gz or zip, by its bytes. Runs in the limited process only.

Names in an archive are never used as they are: what would leave the folder, links and devices are refused, and so are
archives that unpack to far more than a course.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from lti_tool.errors import InvalidInput

MOST_MEMBERS = 50_000
MOST_UNPACKED = 1024 * 1024 * 1024
LONGEST_PATH = 400
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"


def unpack(path: str, folder: str) -> None:
    """Write every file of the archive below the folder; raises InvalidInput for what is none, broken, or a bomb."""
    with open(path, "rb") as stream:
        head = stream.read(4)
    try:
        _write_all(_gzipped(path) if head.startswith(GZIP) else _zipped(path), Path(folder))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise InvalidInput("archive_broken", "This archive is damaged. Make it again and send that.") from error


def _write_all(members: Iterator[tuple[str, IO[bytes]]], folder: Path) -> None:
    left = MOST_UNPACKED
    for count, (name, stream) in enumerate(members, start=1):
        if count > MOST_MEMBERS:
            raise _bomb()
        target = folder / _safe(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        left -= _copy(stream, target, left)


def _copy(stream: IO[bytes], target: Path, most: int) -> int:
    """Counts what really comes out, whatever the archive says of itself."""
    written = 0
    with target.open("wb") as output:
        while block := stream.read(1024 * 1024):
            written += len(block)
            if written > most:
                raise _bomb()
            output.write(block)
    return written


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or len(name) > LONGEST_PATH or "\0" in name:
        raise InvalidInput("archive_path", "This archive holds a file with a forbidden name and was refused.")
    return path


def _gzipped(path: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Front to back, so that nothing is unpacked twice."""
    with tarfile.open(path, "r|gz") as archive:
        for member in archive:
            if member.isdir():
                continue
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                raise InvalidInput("archive_path", "This archive holds links or devices and was refused.")
            yield member.name, content


def _zipped(path: str) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                raise InvalidInput("file_encrypted", "This archive is protected by a password. Send one without.")
            if not member.is_dir():
                with archive.open(member) as content:
                    yield member.filename, content


def _bomb() -> InvalidInput:
    return InvalidInput("file_bomb", "This archive unpacks to far more than it should and was refused.")


def has_archive_signature(head: bytes) -> bool:
    """Whether a file begins like one of the two kinds."""
    return head.startswith((GZIP, ZIP))
