"""The readable text of a submission: what a model, the local second opinion and the marking desk all go by.

Own text and the files in their order, with spans that know file, page and line. A file is read once in the limited
process and kept beside the stored bytes. What is hidden from a reader's eyes stays in the text, and is said to be so.
"""

import json
import os
import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from lti_tool.content.extraction import formats, pdf
from lti_tool.content.extraction.concealed import Concealed, concealed_in
from lti_tool.content.extraction.recognition import is_installed
from lti_tool.content.extraction.sections import Section, tidy
from lti_tool.content.extraction.text import decoded
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.media_types import WRITTEN, MediaType
from lti_tool.files.models import StoredFile
from lti_tool.files.pdf import page_texts
from lti_tool.files.store import FileStore
from lti_tool.grading.models import Submission, SubmissionFile
from lti_tool.grading.notebooks import CellPart, cells_of, is_notebook, lines_of
from lti_tool.grading.quotations import find_quotation

VERSION = 1
"""Raise it when the same bytes would give another text."""
OWN_TEXT = 0
MOST_WRITTEN = 5_000_000
"""Bytes of a program or a plain text: more is a table of figures, and nobody's writing."""
GAP = "\n\n"
UNSEEN_SIGNS = re.compile("[\u180e\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e01ef]{3,}")
NOT_KEPT = "not_read_yet"
BEING_READ = "being_read"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the text; `file` is the number of the file, OWN_TEXT for what was typed.

    In a notebook `cell` counts its cells, `part` is what of the cell it is, and lines are those of that part.
    """

    start: int
    end: int
    file: int
    page: int | None = None
    line: int | None = None
    cell: int | None = None
    part: CellPart | None = None

    @property
    def file_line(self) -> int | None:
        """The line of the file: a cell's lines are its own."""
        return self.line if self.cell is None else None


@dataclass(frozen=True, kw_only=True)
class UnreadFile:
    """A file that no text could be taken from, and the code of the reason."""

    number: int
    why: str


@dataclass(frozen=True, kw_only=True)
class ReadableWork:
    """The text, its spans in their order, and the stretches (start, end) that readers of the files do not see."""

    text: str
    spans: tuple[Span, ...] = ()
    concealed: tuple[tuple[int, int], ...] = ()
    unread: tuple[UnreadFile, ...] = ()

    def place_of(self, position: int) -> Span:
        """The span that a position of the text lies in; between two, the one before."""
        starts = [span.start for span in self.spans]
        return self.spans[max(bisect_right(starts, position) - 1, 0)]


class _Part(TypedDict):
    page: int | None
    line: int | None
    text: str
    cell: NotRequired[int]
    part: NotRequired[CellPart]


class _Reading(TypedDict):
    parts: list[_Part]
    concealed: list[Concealed]
    unread: str


def readable_work(
    store: FileStore, submission: Submission, *, is_patient: bool = False, is_prompt: bool = False
) -> ReadableWork:
    """The text of a loaded submission. Only who is patient, as a job is, waits for text recognition on scans.

    Who is prompt, as a page is, waits for nothing: a file that would take long is named as being read.
    """
    writer = _Writer()
    writer.add(OWN_TEXT, _lines(submission.text))
    for row in submission.files:
        waits = is_prompt and _takes_long(store, row)
        writer.add_file(row, _nothing_yet() if waits else _reading(store, row, is_patient))
    return writer.end()


class _Writer:
    """Puts parts behind one another and remembers where each stands."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.concealed: list[tuple[int, int]] = []
        self.unread: list[UnreadFile] = []
        self.length = 0

    def add(self, file: int, parts: list[_Part]) -> None:
        for number, part in enumerate(parts):
            self._write(("\n" if number and part["line"] else GAP) if self.pieces else "")
            start = self.length
            self._write(part["text"])
            self.spans.append(_span(part, start=start, end=self.length, file=file))

    def add_file(self, row: SubmissionFile, reading: _Reading) -> None:
        if reading["unread"]:
            self.unread.append(UnreadFile(number=row.number, why=reading["unread"]))
        begin = len(self.spans)
        # What says whose it is goes to no model, and to no marker who may not know it.
        self.add(row.number, [part for part in reading["parts"] if str(part["page"]) not in row.covered])
        for hidden in reading["concealed"]:
            self.concealed += self._found(self.spans[begin:], hidden)

    def end(self) -> ReadableWork:
        text = "".join(self.pieces)
        signs = [found.span() for found in UNSEEN_SIGNS.finditer(text)]
        return ReadableWork(
            text=text,
            spans=tuple(self.spans),
            concealed=tuple(sorted({*self.concealed, *signs})),
            unread=tuple(self.unread),
        )

    def _write(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def _found(self, spans: list[Span], hidden: Concealed) -> Iterator[tuple[int, int]]:
        text = "".join(self.pieces)
        for span in spans:
            if hidden["page"] in (None, span.page):
                place = find_quotation(text[span.start : span.end], hidden["text"])
                if place is not None:
                    yield span.start + place[0], span.start + place[1]
                    return


def _span(part: _Part, *, start: int, end: int, file: int) -> Span:
    return Span(
        start=start,
        end=end,
        file=file,
        page=part["page"],
        line=part["line"],
        cell=part.get("cell"),
        part=CellPart(part["part"]) if "part" in part else None,
    )


def _reading(store: FileStore, row: SubmissionFile, is_patient: bool) -> _Reading:
    """What is kept of an earlier reading, else a new one."""
    kept = _kept(store, row)
    if kept.exists():
        found: _Reading = json.loads(kept.read_text(encoding="utf-8"))
        return found
    reading = _read(store.path(row.file), row.file, is_patient)
    if reading["unread"] != NOT_KEPT:
        _keep(kept, reading)
    return reading


def _takes_long(store: FileStore, row: SubmissionFile) -> bool:
    """Whether the text of a file is still to be taken out of it, in a process of its own."""
    kind = _kind(row.file)
    is_quick = kind in WRITTEN or (kind is not MediaType.PDF and kind not in formats.EXTRACTORS)
    return not is_quick and not _kept(store, row).exists()


def _nothing_yet() -> _Reading:
    return _Reading(parts=[], concealed=[], unread=BEING_READ)


def _kept(store: FileStore, row: SubmissionFile) -> Path:
    kind = "notebook" if is_notebook(row.file.name) else _kind(row.file).name.lower()
    return store.derived(row.file.sha256) / f"reading-{VERSION}-{kind}.json"


def _keep(target: Path, reading: _Reading) -> None:
    target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        written = Path(folder) / "reading.json"
        written.write_text(json.dumps(reading, ensure_ascii=False), encoding="utf-8")
        os.replace(written, target)


def _read(path: Path, stored: StoredFile, is_patient: bool) -> _Reading:
    kind = _kind(stored)
    try:
        if kind in WRITTEN:
            return _written(path, stored)
        if kind is MediaType.PDF:
            return _pdf(path, is_patient)
        if kind in formats.EXTRACTORS:
            parts = _parts(formats.extract(path, kind))
            return _Reading(parts=parts, concealed=concealed_in(path, kind), unread="")
    except InvalidInput as error:
        return _Reading(parts=[], concealed=[], unread=error.code)
    return _Reading(parts=[], concealed=[], unread="not_text")


def _written(path: Path, stored: StoredFile) -> _Reading:
    if stored.size > MOST_WRITTEN:
        return _Reading(parts=[], concealed=[], unread="too_much_text")
    text = decoded(path.read_bytes())
    return _Reading(parts=_cells(stored.name, text) or _lines(text), concealed=[], unread="")


def _cells(name: str, text: str) -> list[_Part]:
    """A notebook by its cells; nothing where the file is none."""
    return [
        _Part(page=None, line=line.line, text=line.text, cell=line.cell, part=line.part)
        for line in lines_of(cells_of(name, text))
    ]


def _pdf(path: Path, is_patient: bool) -> _Reading:
    """Pages without a text layer are left for a patient reading where text recognition is installed."""
    if is_patient:
        return _Reading(
            parts=_parts(formats.extract(path, MediaType.PDF)),
            concealed=concealed_in(path, MediaType.PDF),
            unread="",
        )
    texts = sandbox.run(page_texts, str(path))
    is_whole = all(tidy(text) for text in texts)
    unread = "" if is_whole else NOT_KEPT if is_installed() else "no_text_layer"
    if not any(tidy(text) for text in texts):
        return _Reading(parts=[], concealed=[], unread=unread)
    parts = _parts(sandbox.run(pdf.sections_of, str(path), texts))
    return _Reading(parts=parts, concealed=concealed_in(path, MediaType.PDF), unread=unread)


def _parts(sections: list[Section]) -> list[_Part]:
    """One part a section, with its heading where that is a new one."""
    parts: list[_Part] = []
    heading = ""
    for section in sections:
        title = section["heading"].split(" › ")[-1] if section["heading"] != heading else ""
        heading = section["heading"]
        text = "\n".join(piece for piece in (title, section["text"]) if piece)
        parts.append(_Part(page=section["page"], line=None, text=text))
    return parts


def _lines(text: str) -> list[_Part]:
    if not text.strip():
        return []
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return [_Part(page=None, line=number, text=line) for number, line in enumerate(lines, start=1)]


def _kind(stored: StoredFile) -> MediaType:
    return MediaType(stored.media_type)
