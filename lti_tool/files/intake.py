"""The door for uploads: what is too large, empty, of another kind, encrypted, broken or a bomb stays outside.

Nothing is stored here: `accept` leaves a private temporary copy that vanishes when the upload is closed, so a refusal
at any step leaves nothing behind. FileStore.put keeps what was accepted.
"""

import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, Self

from lti_tool.errors import InvalidInput
from lti_tool.files import images, ooxml, pdf, sandbox
from lti_tool.files.media_types import IMAGES, LABELS, OFFICE, MediaType, sniff

BLOCK = 1024 * 1024
LONGEST_NAME = 150


@dataclass(frozen=True, kw_only=True)
class AcceptedUpload:
    """A checked file in a temporary place; close it, or use it as a context manager."""

    stream: IO[bytes]
    name: str
    media_type: MediaType
    size: int
    pages: int | None = None

    def close(self) -> None:
        self.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def accept(stream: IO[bytes], *, name: str, allowed: frozenset[MediaType], max_bytes: int) -> AcceptedUpload:
    """Copy and check an upload; raises InvalidInput with a sentence for the person who sent it."""
    name = clean_name(name)
    copy = tempfile.NamedTemporaryFile(prefix="lectern-upload-")  # noqa: SIM115 - the accepted upload closes it
    try:
        size = _copy(stream, copy.file, name, max_bytes)
        media_type = sniff(copy.file, name)
        if media_type not in allowed:
            raise _not_allowed(name, media_type, allowed)
        pages = _inspect(copy.name, media_type)
    except BaseException:
        copy.close()
        raise
    return AcceptedUpload(stream=copy, name=name, media_type=media_type, size=size, pages=pages)


def clean_name(name: str) -> str:
    """The last part of a file name, without control characters, shortened in the middle."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    visible = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(visible) > LONGEST_NAME:
        visible = visible[: LONGEST_NAME - 20] + "…" + visible[-19:]
    return visible or "file"


def _copy(stream: IO[bytes], copy: IO[bytes], name: str, max_bytes: int) -> int:
    size = 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > max_bytes:
            raise InvalidInput(
                "file_too_large",
                "“%(name)s” is too large: at most %(max_bytes)s can be sent.",
                {"name": name, "max_bytes": _megabytes(max_bytes)},
            )
        copy.write(block)
    if size == 0:
        raise InvalidInput("file_empty", "“%(name)s” is empty.", {"name": name})
    copy.flush()
    return size


def _inspect(path: str, media_type: MediaType) -> int | None:
    """Check the structure in the limited process; the number of pages where the kind has pages."""
    if media_type is MediaType.PDF:
        return sandbox.run(pdf.inspect, path)
    if media_type is MediaType.TIFF:
        return sandbox.run(images.count_pages, path)
    if media_type in OFFICE:
        sandbox.run(ooxml.inspect, path, media_type)
    if media_type in IMAGES:
        sandbox.run(images.inspect, path)
    return None


def _not_allowed(name: str, found: MediaType, allowed: frozenset[MediaType]) -> InvalidInput:
    kinds = ", ".join(LABELS[kind] for kind in MediaType if kind in allowed)
    return InvalidInput(
        "file_type_refused",
        "“%(name)s” is %(kind)s. Here you can send: %(kinds)s.",
        {"name": name, "kind": LABELS[found], "kinds": kinds},
        found=found,
    )


def _megabytes(count: int) -> str:
    return f"{count / 1024 / 1024:.3g} MB"
