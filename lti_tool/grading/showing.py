"""How a file of a submission is shown to who may see it: as pages, as a picture, as numbered lines, or to download."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from lti_tool.errors import NotFound
from lti_tool.files.media_types import IMAGES, WRITTEN, MediaType
from lti_tool.grading.models import Submission, SubmissionFile

MOST_SHOWN_BYTES = 500_000
MOST_SHOWN_PAGES = 100


class Showing(StrEnum):
    PAGES = "pages"
    PICTURE = "picture"
    LINES = "lines"
    DOWNLOAD = "download"


@dataclass(frozen=True, kw_only=True)
class ShownFile:
    """One file on the page."""

    row: SubmissionFile
    showing: Showing

    @property
    def pages(self) -> range:
        return range(1, min(self.row.pages or 0, MOST_SHOWN_PAGES) + 1)


def shown_files(submission: Submission) -> list[ShownFile]:
    """The files of a loaded submission in their order."""
    return [_shown(row) for row in submission.files]


def is_picture(row: SubmissionFile) -> bool:
    return row.file.media_type in IMAGES


def numbered_name(row: SubmissionFile) -> str:
    """What a file is called for whoever must not know whose it is: students write their names into files' names."""
    return f"{row.number}{PurePath(row.file.name).suffix}"


def pages_to_mark(row: SubmissionFile) -> range:
    """The pages that a marker can write on, by their number; a picture is one page, other files have none."""
    if row.file.media_type == MediaType.PDF:
        return range(1, (row.pages or 0) + 1)
    return range(1, 2) if is_picture(row) else range(0)


def require_page(row: SubmissionFile, page: int) -> None:
    """Raises NotFound unless the file has such a page that can be drawn."""
    if row.file.media_type != MediaType.PDF or not 1 <= page <= (row.pages or 0):
        raise NotFound("page_unknown")


def _shown(row: SubmissionFile) -> ShownFile:
    if row.file.media_type == MediaType.PDF:
        return ShownFile(row=row, showing=Showing.PAGES)
    if is_picture(row):
        return ShownFile(row=row, showing=Showing.PICTURE)
    if row.file.media_type in WRITTEN and row.file.size <= MOST_SHOWN_BYTES:
        return ShownFile(row=row, showing=Showing.LINES)
    return ShownFile(row=row, showing=Showing.DOWNLOAD)
