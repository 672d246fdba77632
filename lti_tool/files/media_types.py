"""Which kind of file these bytes are, told by the bytes and not by the name or the browser (scans.md 4.6).

A name that claims another kind than the content is refused: it is a mistake or a trick, and either way not usable.
"""

import codecs
import mmap
import re
from enum import StrEnum
from pathlib import Path
from typing import IO

from lti_tool.errors import InvalidInput


class MediaType(StrEnum):
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODT = "application/vnd.oasis.opendocument.text"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    TIFF = "image/tiff"
    ARCHIVE = "application/octet-stream"
    SVG = "image/svg+xml"


LABELS = {
    MediaType.PDF: "PDF",
    MediaType.DOCX: "Word (.docx)",
    MediaType.PPTX: "PowerPoint (.pptx)",
    MediaType.ODT: "OpenDocument (.odt)",
    MediaType.HTML: "web page (.html)",
    MediaType.MARKDOWN: "Markdown (.md)",
    MediaType.TEXT: "plain text (.txt)",
    MediaType.PNG: "PNG",
    MediaType.JPEG: "JPEG",
    MediaType.WEBP: "WebP",
    MediaType.TIFF: "TIFF",
    MediaType.ARCHIVE: "archive",
    MediaType.SVG: "SVG",
}

SUFFIXES = {
    MediaType.PDF: (".pdf",),
    MediaType.DOCX: (".docx",),
    MediaType.PPTX: (".pptx",),
    MediaType.ODT: (".odt",),
    MediaType.HTML: (".html", ".htm", ".xhtml"),
    MediaType.MARKDOWN: (".md", ".markdown"),
    MediaType.TEXT: (".txt", ".text"),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.WEBP: (".webp",),
    MediaType.TIFF: (".tif", ".tiff"),
    # Told by content/archives alone, and never by its name.
    MediaType.ARCHIVE: (),
    MediaType.SVG: (".svg",),
}

MATERIAL = frozenset(
    {
        *(MediaType.PDF, MediaType.DOCX, MediaType.PPTX, MediaType.ODT),
        *(MediaType.HTML, MediaType.MARKDOWN, MediaType.TEXT),
    }
)
"""What text can be taken from."""
IMAGES = frozenset({MediaType.PNG, MediaType.JPEG, MediaType.WEBP})
OFFICE = frozenset({MediaType.DOCX, MediaType.PPTX, MediaType.ODT})
WRITTEN = frozenset({MediaType.HTML, MediaType.MARKDOWN, MediaType.TEXT})
"""Kinds that the bytes cannot tell apart for certain: among these the name decides."""

BY_SUFFIX = {suffix: media_type for media_type, suffixes in SUFFIXES.items() for suffix in suffixes}

SIGNATURES = (
    (b"%PDF-", MediaType.PDF),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
)
ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
HTML_START = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
SVG_START = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype\s+svg[^>]*>\s*)?<svg\b", re.I | re.S)
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
HEAD = 4096


def sniff(stream: IO[bytes], name: str) -> MediaType:
    """The kind of this file by its content; raises InvalidInput for kinds nobody here can use."""
    stream.seek(0)
    head = stream.read(HEAD)
    found = _by_signature(head) or _office_kind(stream, head, name) or _written_kind(head, name)
    claimed = claimed_type(name)
    if claimed and claimed is not found:
        raise InvalidInput(
            "file_type_differs",
            "“%(name)s” is named like %(claimed)s, but its content is %(found)s. Save it again in the right format.",
            {"name": name, "claimed": LABELS[claimed], "found": LABELS[found]},
            claimed=claimed,
            found=found,
        )
    return found


def claimed_type(name: str) -> MediaType | None:
    """The kind that the end of the name promises, if any."""
    return BY_SUFFIX.get(Path(name).suffix.lower())


def _by_signature(head: bytes) -> MediaType | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    return next((media_type for signature, media_type in SIGNATURES if head.startswith(signature)), None)


def _office_kind(stream: IO[bytes], head: bytes, name: str) -> MediaType | None:
    """A candidate only: ooxml.inspect says in the limited process whether the right parts are inside."""
    if head.startswith(COMPOUND):
        _refuse_compound(stream, name)
    if not head.startswith(ZIP):
        return None
    claimed = claimed_type(name)
    if claimed not in OFFICE:
        raise InvalidInput(
            "file_type_unknown",
            "“%(name)s” is an archive. Unpack it and send the files that are inside.",
            {"name": name},
        )
    return claimed


def _refuse_compound(stream: IO[bytes], name: str) -> None:
    """Old Office files and encrypted new ones share one container."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        is_encrypted = content.find(ENCRYPTED_PACKAGE) >= 0
    if is_encrypted:
        raise InvalidInput(
            "file_encrypted",
            "“%(name)s” is protected by a password. Save a copy without a password and send that.",
            {"name": name},
        )
    raise InvalidInput(
        "file_type_unknown",
        "“%(name)s” is in an old Office format. Save it as .docx or .pptx and send that.",
        {"name": name},
    )


def _written_kind(head: bytes, name: str) -> MediaType:
    text = _decoded_head(head)
    if text is None or NOT_TEXT.search(text):
        raise InvalidInput(
            "file_type_unknown", "“%(name)s” is not a kind of file that can be used here.", {"name": name}
        )
    if SVG_START.match(text):
        return MediaType.SVG
    claimed = claimed_type(name)
    if claimed in WRITTEN and claimed is not None:
        return claimed
    return MediaType.HTML if HTML_START.match(text) else MediaType.TEXT


def _decoded_head(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        # A text from an old Windows editor; real binaries carry control characters and are found by those.
        return head.decode("cp1252", errors="replace")
