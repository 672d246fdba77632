"""What the door lets in, and what it says to the rest (scans.md 4.6; issue: bad input)."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.files.intake import AcceptedUpload, accept, clean_name
from lti_tool.files.media_types import IMAGES, MATERIAL, MediaType
from tests.files import samples

EVERYTHING = MATERIAL | IMAGES


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def send(content: bytes, name: str, allowed: frozenset[MediaType] = EVERYTHING, most: int = 10**8) -> AcceptedUpload:
    return accept(io.BytesIO(content), name=name, allowed=allowed, max_bytes=most)


# Made when it is sent: every worker reads this file.
GOOD: dict[str, Callable[[], tuple[bytes, MediaType]]] = {
    "notes.pdf": lambda: (samples.pdf("One", "Two"), MediaType.PDF),
    "no suffix": lambda: (samples.pdf("One"), MediaType.PDF),
    "essay.docx": lambda: (samples.word(("Normal", "Hello")), MediaType.DOCX),
    "essay.odt": lambda: (samples.open_document("<text:p>Hello</text:p>"), MediaType.ODT),
    "notebook.ipynb": lambda: (b'{"cells": [], "nbformat": 4}', MediaType.TEXT),
    "week.pptx": lambda: (samples.slides(("Title", "Text")), MediaType.PPTX),
    "page.html": lambda: (b"<p>Half a page</p>", MediaType.HTML),
    "page": lambda: (b"<!-- made by hand -->\n<!DOCTYPE html><p>x", MediaType.HTML),
    "readme.md": lambda: ("# Überschrift".encode(), MediaType.MARKDOWN),
    "plain.txt": lambda: ("Grüße".encode("cp1252"), MediaType.TEXT),
    "wide.txt": lambda: ("Grüße".encode("utf-16"), MediaType.TEXT),
    "photo.png": lambda: (samples.picture("PNG"), MediaType.PNG),
    "photo.JPG": lambda: (samples.picture("JPEG"), MediaType.JPEG),
    "photo.webp": lambda: (samples.picture("WEBP"), MediaType.WEBP),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_honest_file_is_accepted_as_what_it_is(name: str) -> None:
    content, expected = GOOD[name]()
    with send(content, name) as upload:
        assert (upload.media_type, upload.size, upload.stream.seek(0)) == (expected, len(content), 0)
        assert upload.stream.read() == content


def test_a_pdf_is_accepted_with_its_number_of_pages() -> None:
    with send(samples.pdf("One", "Two", "Three"), "a.pdf") as upload:
        assert upload.pages == 3


BAD: dict[str, Callable[[], tuple[bytes, str, str]]] = {
    "empty": lambda: (b"", "a.pdf", "file_empty"),
    "a web page that mentions a PDF": lambda: (b"<html>%PDF-1.7</html>", "a.pdf", "file_type_differs"),
    "a picture named as a PDF": lambda: (samples.picture("PNG"), "a.pdf", "file_type_differs"),
    "a PDF named as a text": lambda: (samples.pdf("x"), "a.txt", "file_type_differs"),
    "text named as Word": lambda: (b"hello", "a.docx", "file_type_differs"),
    "slides named as Word": lambda: (samples.slides(("a", "b")), "a.docx", "file_type_differs"),
    "a program": lambda: (b"\x7fELF\x02\x01\x01\x00\x00\x00", "a", "file_type_unknown"),
    "a program named as a text": lambda: (b"MZ\x90\x00\x03\x00\x00\x00", "a.txt", "file_type_unknown"),
    "an archive": lambda: (samples.archive(a=b"x"), "a.zip", "file_type_unknown"),
    "an archive named as a PDF": lambda: (samples.archive(a=b"x"), "a.pdf", "file_type_unknown"),
    "an old Word file": lambda: (samples.old_word(), "a.doc", "file_type_unknown"),
    "a sheet named as a text": lambda: (
        samples.open_document("", b"application/vnd.oasis.opendocument.spreadsheet"),
        "a.odt",
        "file_type_differs",
    ),
    "an archive named as a text": lambda: (samples.archive(a=b"a"), "a.odt", "file_broken"),
    "Word with a password": lambda: (samples.encrypted_word(), "a.docx", "file_encrypted"),
    "a PDF with a password": lambda: (samples.encrypted_pdf(), "a.pdf", "file_encrypted"),
    "a PDF with restrictions": lambda: (samples.encrypted_pdf(user=""), "a.pdf", "file_encrypted"),
    "a PDF of nothing": lambda: (b"%PDF-1.7\nnothing", "a.pdf", "file_broken"),
    "half a PDF": lambda: (samples.pdf("One", "Two")[:300], "a.pdf", "file_broken"),
    "a Word bomb": lambda: (samples.word_bomb(), "a.docx", "file_bomb"),
    "a Word file of 5,000 parts": lambda: (samples.crowded_word(), "a.docx", "file_bomb"),
    "half a Word file": lambda: (samples.word(("Normal", "Hello"))[:2000], "a.docx", "file_broken"),
    "half a picture": lambda: (samples.picture("PNG", (900, 900))[:200], "a.png", "file_broken"),
    "a picture of 160 million pixels": lambda: (
        samples.picture("PNG", (20_000, 8_000)),
        "a.png",
        "file_too_many_pixels",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_a_sentence_and_leaves_nothing(case: str, own_temporary_folder: Path) -> None:
    content, name, code = BAD[case]()
    with pytest.raises(InvalidInput) as refusal:
        send(content, name)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")
    assert list(own_temporary_folder.iterdir()) == []


def test_a_file_over_the_limit_is_refused_before_it_is_read_to_its_end() -> None:
    with Path("/dev/zero").open("rb") as endless, pytest.raises(InvalidInput, match="at most 2 MB") as refusal:
        accept(endless, name="a.pdf", allowed=EVERYTHING, max_bytes=2 * 1024 * 1024)
    assert refusal.value.code == "file_too_large"


def test_a_good_file_of_a_kind_not_wanted_here_is_refused_with_what_is_wanted() -> None:
    with pytest.raises(InvalidInput, match=r"Here you can send: PDF\.") as refusal:
        send(samples.picture("PNG"), "a.png", frozenset({MediaType.PDF}))
    assert refusal.value.code == "file_type_refused"


def test_a_closed_upload_leaves_nothing(own_temporary_folder: Path) -> None:
    send(b"hello", "a.txt").close()
    assert list(own_temporary_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\Temp\\a.pdf", "a.pdf"), ("a\x00\nb.txt", "ab.txt"), ("", "file")],
)
def test_a_name_loses_folders_and_control_characters(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    kept = clean_name("a" * 400 + ".pdf")
    assert len(kept) == 150 and kept.startswith("aaa") and kept.endswith("a.pdf")
