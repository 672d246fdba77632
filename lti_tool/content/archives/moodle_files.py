"""The files of a backup: listed in one place, kept by the hash of their content. Runs in the limited process only."""

import re
from dataclasses import dataclass
from pathlib import Path

from lti_tool.content.archives.xml import number, parsed, text

HASH = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, kw_only=True)
class CourseFile:
    """A file of an activity; `path` is where it lies below the backup's folder."""

    context: str
    component: str
    area: str
    place: str
    name: str
    path: str
    is_main: bool


def course_files(folder: Path) -> list[CourseFile]:
    """Every file that the backup really holds, folders and those kept elsewhere left out."""
    if not (folder / "files.xml").is_file():
        return []
    found = []
    for record in parsed(folder / "files.xml").iterfind("file"):
        name, sha1 = text(record, "filename"), text(record, "contenthash")
        if name in ("", ".") or not HASH.fullmatch(sha1):
            continue
        path = f"files/{sha1[:2]}/{sha1}"
        if not (folder / path).is_file():
            continue
        found.append(
            CourseFile(
                context=text(record, "contextid"),
                component=text(record, "component"),
                area=text(record, "filearea"),
                place=text(record, "filepath", "/") + name,
                name=name,
                path=path,
                is_main=number(record, "sortorder") == 1,
            )
        )
    return found
