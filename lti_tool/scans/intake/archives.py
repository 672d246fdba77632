"""Take the files out of a ZIP. Runs in the limited process only.

Nothing of an archive decides where anything is written: members get numbers, and their names are labels. What is
counted is what comes out, not what the archive says of itself.
"""

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from lti_tool.errors import InvalidInput

MOST_MEMBERS = 5_000
MOST_BYTES = 4 * 1024 * 1024 * 1024
BLOCK = 1024 * 1024
LEFT_BY_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError)


def unpack(path: str, folder: str, most_bytes: int) -> list[dict[str, Any]]:
    """Write each member to `folder`; its name, with the file or the reason it could not be taken."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
            _require_few(members)
            return _taken(archive, members, Path(folder), most_bytes)
    except UNREADABLE as error:
        raise InvalidInput("archive_broken", "This archive is damaged and cannot be unpacked.") from error


def _require_few(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(
            "archive_crowded",
            "This archive holds %(count)s files; at most %(most)s can be taken at once.",
            {"count": len(members), "most": MOST_MEMBERS},
        )


def _taken(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, most_bytes: int
) -> list[dict[str, Any]]:
    left, taken = MOST_BYTES, []
    for number, info in enumerate(members):
        target = folder / str(number)
        size = _write(archive, info, target, min(most_bytes, left))
        if size is None:
            taken.append({"name": info.filename, "reason": "unreadable"})
        elif size > min(most_bytes, left):
            target.unlink()
            taken.append({"name": info.filename, "reason": "too_large"})
            left -= min(most_bytes, left)
        else:
            left -= size
            taken.append({"name": info.filename, "file": target.name})
        if left <= 0:
            raise InvalidInput("archive_too_large", "This archive unpacks to more than can be taken at once.")
    return taken


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> int | None:
    """The bytes written, one more than allowed where it does not end; None for a member that cannot be read."""
    try:
        with archive.open(info) as source, target.open("wb") as output:
            return _copy(source, output, most)
    except UNREADABLE:
        target.unlink(missing_ok=True)
        return None


def _copy(source: IO[bytes], output: IO[bytes], most: int) -> int:
    size = 0
    while size <= most and (block := source.read(min(BLOCK, most + 1 - size))):
        size += len(block)
        output.write(block)
    return size


def _is_litter(name: str) -> bool:
    return any(part in name for part in LEFT_BY_SYSTEMS)
