"""A lesson: its pages in their order, without any answer (R36).

A lesson behind a password, behind another lesson or before its opening is restricted, whatever the course page says.
"""

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.module_items import CourseReading, has_text, heading, item_of, key_of
from lti_tool.content.moodle.overview import Json, MoodleModule
from lti_tool.moodle.client import MoodleClient


def lesson(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """One item; asked again only where Moodle calls it changed."""
    record, is_restricted = reading.record_of(module), _is_restricted(reading, module)
    wanted = reading.is_wanted(key_of(module), is_hidden=module.is_hidden, is_restricted=is_restricted)
    html = None
    if wanted and (reading.is_to_be_asked(module) or not reading.standing[key_of(module)].is_read):
        blocks = [str(record.get("intro", "")), *_pages(reading.client, module.instance)]
        html = "\n".join(block for block in blocks if has_text(block))
        if not html:
            return []
    return [item_of(module, ItemKind.LESSON, is_restricted=is_restricted, html=html)]


def _is_restricted(reading: CourseReading, module: MoodleModule) -> bool:
    record = reading.record_of(module)
    opens_later = int(record.get("available") or 0) > reading.began_at.timestamp()
    return module.is_restricted or bool(record.get("usepassword") or record.get("dependency")) or opens_later


def _pages(client: MoodleClient, lesson: int) -> list[str]:
    pages = [each["page"] for each in client.call("mod_lesson_get_pages", lessonid=lesson)["pages"]]
    return [f"{heading(2, str(page['title']))}\n{_text(client, lesson, page)}" for page in _in_order(pages)]


def _text(client: MoodleClient, lesson: int, page: Json) -> str:
    """Whoever may not edit the lesson gets the texts page by page only."""
    if "contents" in page:
        return str(page["contents"])
    answer = client.call("mod_lesson_get_page_data", lessonid=lesson, pageid=page["id"])
    return str(answer.get("page", {}).get("contents", ""))


def _in_order(pages: list[Json]) -> list[Json]:
    """Each page names the next; what is not reached that way comes last."""
    by_number = {int(page["id"]): page for page in pages}
    ordered: list[Json] = []
    number = next((int(page["id"]) for page in pages if not int(page["prevpageid"])), 0)
    while page := by_number.pop(number, None):
        ordered.append(page)
        number = int(page["nextpageid"])
    return ordered + list(by_number.values())
