"""The pages of a work that only eyes can read - photos and scans - as pictures for a model that sees (R55, R173).

Nobody can hide a name that a picture shows: they leave the house only where an administrator said that the model sees,
and the course's own switch is on. Nothing that is read from a picture can be checked against the work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_tool.content.extraction.sections import tidy
from lti_tool.errors import InvalidInput
from lti_tool.files import images, sandbox
from lti_tool.files.media_types import IMAGES, MediaType
from lti_tool.files.pdf import page_texts
from lti_tool.files.store import FileStore
from lti_tool.grading.covering import covered_picture
from lti_tool.grading.models import Submission, SubmissionFile
from lti_tool.grading.reading import BEING_READ, NOT_KEPT, ReadableWork
from lti_tool.llm.chat import Image
from lti_tool.site_settings.chat import MODEL_SEES
from lti_tool.site_settings.grading import MOST_WORK_PICTURES, WORK_PICTURES
from lti_tool.site_settings.store import Snapshot

NOT_YET = frozenset({NOT_KEPT, BEING_READ})
SEEN = IMAGES | {MediaType.PDF}


@dataclass(frozen=True, kw_only=True)
class PagePicture:
    """A page that goes out as a picture; the model calls it by `number`. A photo is a file without pages."""

    number: int
    file: int
    page: int | None
    sha256: str
    image: Image

    @property
    def kept(self) -> dict[str, Any]:
        """In place of the picture among the messages that are kept: the file itself lies in the store."""
        return {"type": "page", "file": self.file, "page": self.page, "sha256": self.sha256}


def most_pictures(settings: Snapshot) -> int:
    """How many pages of one work may go out as pictures; 0 where none may."""
    is_allowed = settings.read(MODEL_SEES) and settings.read(WORK_PICTURES)
    return settings.read(MOST_WORK_PICTURES) if is_allowed else 0


def is_readable(work: ReadableWork, submission: Submission, most: int) -> bool:
    """Whether there is anything that a model could be given: text, text that recognition may find, or pictures."""
    if work.text.strip() or any(file.why in NOT_YET for file in work.unread):
        return True
    unread = {file.number for file in work.unread}
    return most > 0 and any(row.number in unread and row.file.media_type in SEEN for row in submission.files)


def page_pictures(store: FileStore, submission: Submission, most: int) -> tuple[tuple[PagePicture, ...], bool]:
    """The first `most` pages without text, in their order; and whether there are more."""
    if not most:
        return (), False
    pages = [(row, page) for row in submission.files for page in _pages(store, row)]
    pictures = tuple(_picture(store, row, page, number) for number, (row, page) in enumerate(pages[:most], start=1))
    return pictures, len(pages) > most


def without_pictures(messages: Sequence[Mapping[str, Any]], pictures: Sequence[PagePicture]) -> list[dict[str, Any]]:
    """What was sent, as it is kept: each picture by its place in the work."""
    kept = iter(pictures)
    return [{**message, "content": _content(message["content"], kept)} for message in messages]


def _content(content: Any, kept: Iterator[PagePicture]) -> Any:
    if isinstance(content, str):
        return content
    return [part if part["type"] == "text" else next(kept).kept for part in content]


def _pages(store: FileStore, row: SubmissionFile) -> list[int | None]:
    if row.file.media_type in IMAGES:
        return [None]
    if row.file.media_type != MediaType.PDF:
        return []
    try:
        texts = sandbox.run(page_texts, str(store.path(row.file)))
    except InvalidInput:
        # It is said to be unread already.
        return []
    return [number for number, text in enumerate(texts, start=1) if not tidy(text)]


def _picture(store: FileStore, row: SubmissionFile, page: int | None, number: int) -> PagePicture:
    """Without what says whose it is, or a camera writes beside it, and no larger than a model looks at."""
    path: Path = store.path(row.file) if page is None else covered_picture(store, row, page)
    plain = sandbox.run(images.plain_copy, str(path))
    image = Image(media_type=MediaType.JPEG, content=plain)
    return PagePicture(number=number, file=row.number, page=page, sha256=row.file.sha256, image=image)
