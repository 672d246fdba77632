"""Is this archive really a Word, PowerPoint or OpenDocument file, and safe to unpack? In the limited process only."""

import zipfile

from lti_tool.errors import InvalidInput
from lti_tool.files.media_types import LABELS, MediaType

PARTS = {
    MediaType.DOCX: frozenset({"[Content_Types].xml", "word/document.xml"}),
    MediaType.PPTX: frozenset({"[Content_Types].xml", "ppt/presentation.xml"}),
    MediaType.ODT: frozenset({"mimetype", "content.xml"}),
}
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
MOST_MEMBERS = 5_000
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 120
RATIO_COUNTS_FROM = 20 * 1024 * 1024
"""Repetitive XML in a small honest file packs better than any bound would allow."""


def inspect(path: str, media_type: str) -> None:
    """Raises InvalidInput unless the archive holds the parts of its kind within bounds."""
    expected = MediaType(media_type)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            is_other = expected is MediaType.ODT and _says_other(archive)
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError) as error:
        raise InvalidInput("file_broken", "This file is damaged and cannot be opened.") from error
    refuse_bomb(members)
    if any(member.flag_bits & 1 for member in members):
        raise InvalidInput("file_encrypted", "This file is protected by a password. Send a copy without one.")
    names = {member.filename for member in members}
    if is_other or not PARTS[expected] <= names:
        raise InvalidInput("file_type_differs", "The content of this file is not %(kind)s.", {"kind": LABELS[expected]})


def refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    """Raises InvalidInput where an archive unpacks to far more than it should."""
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    is_dense = unpacked > RATIO_COUNTS_FROM and unpacked / packed > MOST_RATIO
    # Parts that share their bytes in the archive unpack to more than any ratio of one part shows.
    places = [member.header_offset for member in members]
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or is_dense or len(places) != len(set(places)):
        raise InvalidInput("file_bomb", "This file unpacks to far more than it should and was refused.")


def _says_other(archive: zipfile.ZipFile) -> bool:
    """An OpenDocument file names its kind in its first part; sheets and slides have the same parts."""
    with archive.open("mimetype") as part:
        return part.read(len(OPEN_DOCUMENT) + 1).strip() != OPEN_DOCUMENT
