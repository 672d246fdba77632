"""Is this archive really a Word or PowerPoint file, and safe to unpack? Runs in the limited process only."""

import zipfile

from lti_tool.errors import InvalidInput
from lti_tool.files.media_types import LABELS, MediaType

MAIN_PART = {MediaType.DOCX: "word/document.xml", MediaType.PPTX: "ppt/presentation.xml"}
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
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvalidInput("file_broken", "This file is damaged and cannot be opened.") from error
    _refuse_bomb(members)
    if any(member.flag_bits & 1 for member in members):
        raise InvalidInput("file_encrypted", "This file is protected by a password. Send a copy without one.")
    names = {member.filename for member in members}
    if not {"[Content_Types].xml", MAIN_PART[expected]} <= names:
        raise InvalidInput("file_type_differs", "The content of this file is not %(kind)s.", {"kind": LABELS[expected]})


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    is_dense = unpacked > RATIO_COUNTS_FROM and unpacked / packed > MOST_RATIO
    # Parts that share their bytes in the archive unpack to more than any ratio of one part shows.
    places = [member.header_offset for member in members]
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or is_dense or len(places) != len(set(places)):
        raise InvalidInput("file_bomb", "This file unpacks to far more than it should and was refused.")
