"""From an archive to items of a course: unpacked and read in the limited process, into a folder for the time being."""

from collections.abc import Iterator
from pathlib import Path

from lti_tool.content.archives import cartridge, moodle_backup
from lti_tool.content.archives.found import FoundCourse, FoundItem
from lti_tool.content.archives.unpacking import unpack
from lti_tool.content.items import CourseItem, ItemFile, ItemKind
from lti_tool.errors import InvalidInput
from lti_tool.files import sandbox
from lti_tool.files.media_types import MATERIAL, claimed_type
from lti_tool.site_settings.patterns import N_

LIMITS = sandbox.Limits(cpu_seconds=120)
NO_TEXT = N_("No text can be read from this kind of file.")


def read_archive(path: Path, folder: Path) -> FoundCourse:
    """Raises InvalidInput with a sentence for whoever sent the archive."""
    return sandbox.run_within(LIMITS, read, str(path), str(folder))


def read(path: str, folder: str) -> FoundCourse:
    """Runs in the limited process only."""
    unpack(path, folder)
    if (Path(folder) / moodle_backup.MANIFEST).is_file():
        return moodle_backup.read(Path(folder))
    if (Path(folder) / cartridge.MANIFEST).is_file():
        return cartridge.read(Path(folder))
    raise InvalidInput(
        "archive_unknown",
        "This archive is neither a Moodle course backup nor a Common Cartridge. Send its files one by one.",
    )


def items_of(found: FoundCourse, folder: Path, *, is_this_course: bool) -> Iterator[CourseItem]:
    """Only where the archive was made of this very course do its addresses lead anywhere."""
    for item in found["items"]:
        file, failure = _file_of(item, folder)
        yield CourseItem(
            key=item["key"],
            kind=ItemKind(item["kind"]),
            title=item["title"],
            section=item["section"],
            url=found["site"] + item["address"] if is_this_course and item["address"] else None,
            is_hidden=item["is_hidden"],
            is_restricted=item["is_restricted"],
            html=item["html"],
            file=file,
            failure=failure,
        )


def _file_of(item: FoundItem, folder: Path) -> tuple[ItemFile | None, str]:
    """A picture or a film is named as what has no text, not sniffed first."""
    if not item["path"] or item["failure"]:
        return None, item["failure"]
    if Path(item["name"]).suffix and claimed_type(item["name"]) not in MATERIAL:
        return None, NO_TEXT
    return ItemFile(path=folder / item["path"], name=item["name"]), ""
