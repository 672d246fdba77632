"""A Moodle course backup as it lies unpacked: every activity of R27-R39, hidden and restricted as Moodle keeps it.

Runs in the limited process only. People, posts, attempts, questions and answers are in other files of the backup or in
parts of these that are never looked at.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from lti_tool.content.archives.activities import TEXTS, kind_of
from lti_tool.content.archives.found import FoundCourse, FoundItem, found_item
from lti_tool.content.archives.markup import Format, as_html, has_text
from lti_tool.content.archives.moodle_files import CourseFile, course_files
from lti_tool.content.archives.xml import number, parsed, text
from lti_tool.content.items import ItemKind, Origin
from lti_tool.errors import InvalidInput

MANIFEST = "moodle_backup.xml"
DIRECTORY = re.compile(r"(?:activities/[a-z0-9_]+_\d+|sections/section_\d+)")
LINK = re.compile(r"\$@[A-Z0-9_]+(?:\*[^@\s]*)?@\$")
WITH_FILES = {"resource", "folder"}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who may see a place of the course."""

    section: str = ""
    is_hidden: bool = False
    is_restricted: bool = False


def read(folder: Path) -> FoundCourse:
    """Raises InvalidInput for a backup of something else than a course."""
    information = parsed(folder / MANIFEST).find("information")
    if information is None or text(information, "original_course_id") == "":
        raise InvalidInput("archive_unknown", "This Moodle backup holds no course.")
    site = text(information, "original_site_identifier_hash")[:16]
    course = f"{site}-{text(information, 'original_course_id')}"
    return FoundCourse(
        origin=Origin.BACKUP,
        course=course,
        title=text(information, "original_course_fullname"),
        site=text(information, "original_wwwroot"),
        number=text(information, "original_course_id"),
        items=_items(folder, information, course),
    )


def _items(folder: Path, information: etree._Element, course: str) -> list[FoundItem]:
    activities, failed = _activities(folder, information)
    standings, items = _sections(folder, information, activities)
    items += failed
    files = course_files(folder)
    for activity in activities:
        standing = activity.standing(standings.get(activity.section, Standing()))
        items += _activity_items(activity, standing, files)
    for item in items:
        item["key"] = f"{course}/{item['key']}"
        item["html"] = LINK.sub("#", item["html"]) if item["html"] is not None else None
    return items


def _activities(folder: Path, information: etree._Element) -> tuple[list["Activity"], list[FoundItem]]:
    """A damaged one is named as that and does not stop the others."""
    activities: list[Activity] = []
    failed: list[FoundItem] = []
    for entry in information.iterfind("contents/activities/activity"):
        place = folder / _directory(text(entry, "directory"))
        try:
            activities.append(Activity.read(place, entry))
        except InvalidInput as damage:
            module, key = text(entry, "modulename"), f"{text(entry, 'modulename')}:{text(entry, 'moduleid')}"
            failed.append(found_item(kind_of(module), key, text(entry, "title"), failure=damage.sentence))
    return activities, failed


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One activity of the backup: its own file, and what the course keeps about it."""

    module: str
    number: str
    section: str
    title: str
    record: etree._Element
    course_module: etree._Element
    context: str

    @classmethod
    def read(cls, place: Path, entry: etree._Element) -> "Activity":
        """Raises InvalidInput where its files are damaged."""
        module = text(entry, "modulename")
        own = parsed(place / f"{module}.xml")
        record = own.find(module)
        if record is None:
            raise InvalidInput(
                "archive_broken", "“%(module)s.xml” in this archive is missing or damaged.", {"module": module}
            )
        return cls(
            module=module,
            number=text(entry, "moduleid"),
            section=text(entry, "sectionid"),
            title=text(entry, "title") or text(record, "name"),
            record=record,
            course_module=parsed(place / "module.xml"),
            context=own.get("contextid", ""),
        )

    @property
    def instance(self) -> str:
        return str(self.record.get("id", ""))

    def standing(self, section: Standing) -> Standing:
        """No more visible than its section; one that is kept off the course page is not shown to students either."""
        is_off = text(self.course_module, "visibleoncoursepage", "1") == "0"
        return Standing(
            section=section.section,
            is_hidden=section.is_hidden or is_off or text(self.course_module, "visible", "1") == "0",
            is_restricted=section.is_restricted or _has_conditions(text(self.course_module, "availability")),
        )


def _sections(
    folder: Path, information: etree._Element, activities: list[Activity]
) -> tuple[dict[str, Standing], list[FoundItem]]:
    """Each section's standing, and its name with its summary as an item (R27)."""
    records = [
        parsed(folder / _directory(text(entry, "directory")) / "section.xml")
        for entry in information.iterfind("contents/sections/section")
    ]
    standings = {str(record.get("id")): _section_standing(record) for record in records}
    subsections = {activity.instance: activity for activity in activities if activity.module == "subsection"}
    for record in records:
        outer = subsections.get(text(record, "itemid")) if text(record, "component") == "mod_subsection" else None
        if outer is not None:
            key, around = str(record.get("id")), outer.standing(standings.get(outer.section, Standing()))
            own = standings[key]
            standings[key] = Standing(
                section=own.section,
                is_hidden=own.is_hidden or around.is_hidden,
                is_restricted=own.is_restricted or around.is_restricted,
            )
    found = (_section_item(record, standings[str(record.get("id"))]) for record in records)
    return standings, [item for item in found if item is not None]


def _section_standing(record: etree._Element) -> Standing:
    return Standing(
        section=_section_name(record),
        is_hidden=text(record, "visible", "1") == "0",
        is_restricted=_has_conditions(text(record, "availabilityjson")),
    )


def _section_name(record: etree._Element) -> str:
    """Moodle shows a section without a name by its number."""
    position = text(record, "number")
    return text(record, "name") or (f"Section {position}" if position not in ("", "0") else "")


def _section_item(record: etree._Element, standing: Standing) -> FoundItem | None:
    summary = as_html(text(record, "summary"), number(record, "summaryformat"))
    if not has_text(summary):
        return None
    name = standing.section or "Start"
    return _placed(found_item(ItemKind.SECTION, f"section:{record.get('id')}", name, html=summary), standing)


def _activity_items(activity: Activity, standing: Standing, files: list[CourseFile]) -> list[FoundItem]:
    address = f"/mod/{activity.module}/view.php?id={activity.number}"
    own = f"{activity.module}:{activity.number}"
    intro = as_html(text(activity.record, "intro"), number(activity.record, "introformat") or Format.HTML)
    items = []
    for part in TEXTS.get(activity.module, TEXTS["other"])(activity.record, intro):
        key = f"{own}:{part.key}" if part.key else own
        title = f"{activity.title}: {part.title}" if part.title else activity.title
        item = found_item(kind_of(activity.module), key, title, html=part.html, address=address + part.query)
        item["is_hidden"], item["is_restricted"] = part.is_hidden, part.is_restricted
        items.append(item)
    for file in files if activity.module in WITH_FILES else ():
        if (file.context, file.component, file.area) == (activity.context, f"mod_{activity.module}", "content"):
            title = activity.title if file.is_main and activity.module == "resource" else file.name
            items.append(
                found_item(ItemKind.FILE, f"{own}:{file.place}", title, path=file.path, name=file.name, address=address)
            )
    return [_placed(item, standing) for item in items]


def _placed(item: FoundItem, standing: Standing) -> FoundItem:
    item["section"] = standing.section
    item["is_hidden"] = item["is_hidden"] or standing.is_hidden
    item["is_restricted"] = item["is_restricted"] or standing.is_restricted
    return item


def _has_conditions(availability: str) -> bool:
    """Moodle keeps a tree of conditions; an empty one restricts nobody, one that cannot be read is taken as one."""
    if not availability:
        return False
    try:
        return bool(json.loads(availability).get("c"))
    except (ValueError, AttributeError):
        return True


def _directory(written: str) -> str:
    if not DIRECTORY.fullmatch(written):
        raise InvalidInput("archive_path", "This archive holds a file with a forbidden name and was refused.")
    return written
