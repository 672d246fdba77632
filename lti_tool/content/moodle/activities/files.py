"""File resources and folders: the description, and the text of each file that has text (R38)."""

from pathlib import Path

from lti_tool.content.items import CourseItem, ItemFile, ItemKind
from lti_tool.content.moodle.activities.fetching import fetched
from lti_tool.content.moodle.module_items import CourseReading, item_of, key_of, text_items
from lti_tool.content.moodle.overview import Json, MoodleModule
from lti_tool.files.intake import clean_name
from lti_tool.files.media_types import MATERIAL, claimed_type
from lti_tool.site_settings.patterns import N_

NO_TEXT = N_("No text can be read from this kind of file.")
MAIN = "main"


def resource(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """The main file keeps its key when a teacher replaces it by one of another name."""
    items = text_items(reading, module, ItemKind.FILE, reading.record_of(module).get("intro", ""))
    for position, listed in enumerate(_files(module)):
        part, title = (MAIN, module.name) if position == 0 else (_path(listed), str(listed["filename"]))
        items.append(_item(reading, module, listed, part, title))
    return items


def folder(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Each file of the folder."""
    items = text_items(reading, module, ItemKind.FOLDER, reading.record_of(module).get("intro", ""))
    return items + [_item(reading, module, listed, _path(listed), str(listed["filename"])) for listed in _files(module)]


def _files(module: MoodleModule) -> list[Json]:
    """The main file first: Moodle marks it with the sort order 1."""
    files = [each for each in module.contents if each["type"] == "file"]
    return sorted(files, key=lambda each: int(each.get("sortorder") or 0), reverse=True)


def _path(listed: Json) -> str:
    return f"{listed['filepath']}{listed['filename']}"


def _item(reading: CourseReading, module: MoodleModule, listed: Json, part: str, title: str) -> CourseItem:
    version = f"{listed.get('timemodified')}-{listed.get('filesize')}"
    key, name = key_of(module, part), clean_name(str(listed["filename"]))
    file, failure = None, ""
    wanted = reading.is_wanted(key, is_hidden=module.is_hidden, is_restricted=module.is_restricted)
    if wanted and not _may_have_text(name):
        failure = NO_TEXT
    elif wanted and not reading.has(module, key, version):
        target, failure = fetched(reading, listed)
        file = ItemFile(path=target, name=name) if target else None
    return item_of(module, ItemKind.FILE, part=part, title=title, file=file, failure=failure, version=version)


def _may_have_text(name: str) -> bool:
    return claimed_type(name) in MATERIAL or not Path(name).suffix
