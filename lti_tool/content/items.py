"""What every way into the index brings: an item of a course, whatever it was read from.

Moodle's web services, a backup, a cartridge and pasted text all end in these values; content/importing.py keeps them.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    """The way in. What came by one never touches what came by another."""

    UPLOAD = "upload"
    PASTED = "pasted"
    MOODLE = "moodle"
    BACKUP = "backup"
    CARTRIDGE = "cartridge"


class ItemKind(StrEnum):
    """What the item is in the course, in a teacher's words."""

    FILE = "file"
    TEXT = "text"
    SECTION = "section"
    PAGE = "page"
    BOOK = "book"
    LABEL = "label"
    ASSIGNMENT = "assignment"
    QUIZ = "quiz"
    FORUM = "forum"
    GLOSSARY = "glossary"
    WIKI = "wiki"
    LESSON = "lesson"
    LINK = "link"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ItemFile:
    """A file of the course as it lies on this machine for the length of the import; its kind is told by its bytes."""

    path: Path
    name: str


@dataclass(frozen=True, kw_only=True)
class CourseItem:
    """One item. `key` is stable within its origin ("page:42"): the same key again is a new version of the same item.

    Neither `html` nor `file` says that the content was not read this time: what is kept stays as it is. `failure`
    says why it could not be read. `version` is the origin's own mark of this version, where it has one.
    """

    key: str
    kind: ItemKind
    title: str
    section: str = ""
    url: str | None = None
    is_hidden: bool = False
    is_restricted: bool = False
    html: str | None = None
    file: ItemFile | None = None
    failure: str = ""
    version: str = ""
