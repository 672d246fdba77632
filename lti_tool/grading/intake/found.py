"""Whose work is in a pile: a ZIP of folders or a table, read into one entry per person named there.

<name>_<number>_assignsubmission_file_/essay.pdf          Moodle's "download all submissions", with folders
<name>_<number>_assignsubmission_onlinetext_/onlinetext.html
<name>_<number>_assignsubmission_file_essay.pdf           ... and without
<name, number or e-mail address>/essay.pdf                a folder for each student
<name, number or e-mail address>.pdf                      a file for each student
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bs4 import BeautifulSoup

from lti_tool.content.extraction.text import decoded
from lti_tool.errors import InvalidInput
from lti_tool.files.ooxml import refuse_bomb

MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>[0-9]+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<rest>.*)")
MOST_WORKS = 500
NOISE = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
LARGEST_TEXT = 2_000_000
PERSON_COLUMNS = (
    *("idnumber", "id number", "id", "student id", "person id", "matricola", "matrikelnummer", "username"),
    *("email", "e-mail", "email address", "name", "full name", "student", "student name"),
)
TEXT_COLUMNS = ("text", "answer", "response", "submission", "essay", "work", "online text", "testo", "antwort", "texte")


@dataclass(frozen=True, kw_only=True)
class FoundWork:
    """What lies under one name; `members` are the files' paths in the archive."""

    who: str
    text: str = ""
    members: tuple[str, ...] = ()


def works_in_archive(path: Path) -> list[FoundWork]:
    """The works of a ZIP by name; raises InvalidInput."""
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_bomb(archive.infolist())
            names = [member.filename for member in archive.infolist() if not member.is_dir()]
            parts = [part for part in (_part(name) for name in names) if part is not None]
            works = _gathered(archive, _without_wrapping(parts))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise InvalidInput("archive_broken", "This ZIP file is damaged or protected and cannot be opened.") from error
    return _bounded(works)


def works_in_table(text: str) -> list[FoundWork]:
    """The works of a CSV: a column that names the person, and one with the text; raises InvalidInput."""
    header, *rows = _rows(text) or [[]]
    who, work = _place(header, PERSON_COLUMNS), _place(header, TEXT_COLUMNS)
    if who is None or work is None:
        raise InvalidInput(
            "table_columns_missing",
            "The first row must name a column for the person (idnumber, email or name) and one for the text (text).",
        )
    last = max(who, work)
    works = [FoundWork(who=row[who].strip(), text=row[work]) for row in rows if len(row) > last and row[who].strip()]
    return _bounded(works)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One file of the archive and its folders."""

    member: str
    folders: tuple[str, ...]
    name: str


def _part(member: str) -> _Part | None:
    path = PurePosixPath(member.replace("\\", "/"))
    if NOISE & set(path.parts) or path.name.startswith("."):
        return None
    return _Part(member=member, folders=path.parts[:-1], name=path.name)


def _without_wrapping(parts: list[_Part]) -> list[_Part]:
    """A folder around everything is the archive's own, unless it is a student's."""
    tops = {part.folders[:1] for part in parts}
    is_wrapped = len(tops) == 1 and tops != {()} and any(len(part.folders) > 1 for part in parts)
    if not is_wrapped or any(MOODLE.fullmatch(part.folders[0]) for part in parts):
        return parts
    return [_Part(member=part.member, folders=part.folders[1:], name=part.name) for part in parts]


def _gathered(archive: zipfile.ZipFile, parts: Iterable[_Part]) -> list[FoundWork]:
    texts: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for part in parts:
        who, is_text = _named(part)
        members.setdefault(who, [])
        if is_text:
            texts[who] = _online_text(archive, part.member)
        else:
            members[who].append(part.member)
    return [
        FoundWork(who=who.split("\0")[0], text=texts.get(who, ""), members=tuple(found))
        for who, found in members.items()
    ]


def _named(part: _Part) -> tuple[str, bool]:
    """Under which name a file counts, and whether it is Moodle's typed text. Two of one name keep their numbers."""
    found = MOODLE.fullmatch(part.folders[0] if part.folders else part.name)
    if found:
        return f"{found['who']}\0{found['number']}", found["kind"] == "onlinetext"
    return (part.folders[0] if part.folders else PurePosixPath(part.name).stem), False


def _online_text(archive: zipfile.ZipFile, member: str) -> str:
    with archive.open(member) as file:
        content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise InvalidInput("archive_text_long", "A text in this ZIP file is too long.")
    soup = BeautifulSoup(decoded(content), "lxml")
    for end in soup.find_all(["p", "br", "li", "div", "tr"]):
        end.append("\n")
    return soup.get_text().strip()


def _rows(text: str) -> list[list[str]]:
    text = text.lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max("\t;,", key=first.count)
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise InvalidInput("table_unreadable", "This table cannot be read.") from error


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    """The column of the first of these names that the header has."""
    known = [name.strip().casefold() for name in header]
    return next((known.index(name) for name in names if name in known), None)


def _bounded(works: list[FoundWork]) -> list[FoundWork]:
    if not works:
        raise InvalidInput("pile_empty", "There is no work in this file.")
    if len(works) > MOST_WORKS:
        raise InvalidInput("pile_large", "At most %(most)s people's work can be taken at once.", {"most": MOST_WORKS})
    return works
