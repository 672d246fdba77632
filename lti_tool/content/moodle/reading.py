"""From an activity to its items: which reader reads which kind, and what a failure leaves (R27-R39).

A failing activity keeps what was read of it before and says why; it never stops the others.
"""

from collections.abc import Callable

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.activities import book, files, glossary, lesson, plain, wiki
from lti_tool.content.moodle.module_items import CourseReading, has_text, item_of, kept_item
from lti_tool.content.moodle.overview import SUBSECTION, CourseOverview, MoodleModule, MoodleSection
from lti_tool.errors import PlatformFailed
from lti_tool.moodle.refusals import NO_MOODLE

Reader = Callable[[CourseReading, MoodleModule], list[CourseItem]]

READERS: dict[str, Reader] = {
    "page": plain.page,
    "label": plain.label,
    "url": plain.link,
    "assign": plain.assignment,
    "quiz": plain.quiz,
    "forum": plain.forum,
    "book": book.book,
    "resource": files.resource,
    "folder": files.folder,
    "glossary": glossary.glossary,
    "wiki": wiki.wiki,
    "lesson": lesson.lesson,
}
KINDS = {
    "page": ItemKind.PAGE,
    "label": ItemKind.LABEL,
    "url": ItemKind.LINK,
    "assign": ItemKind.ASSIGNMENT,
    "quiz": ItemKind.QUIZ,
    "forum": ItemKind.FORUM,
    "book": ItemKind.BOOK,
    "resource": ItemKind.FILE,
    "folder": ItemKind.FOLDER,
    "glossary": ItemKind.GLOSSARY,
    "wiki": ItemKind.WIKI,
    "lesson": ItemKind.LESSON,
}


def section_items(reading: CourseReading, overview: CourseOverview) -> list[CourseItem]:
    """Each section that has a summary (R27); a bare list of names would answer no question and match many."""
    return [_section_item(reading, section) for section in overview.sections if has_text(section.summary)]


def _section_item(reading: CourseReading, section: MoodleSection) -> CourseItem:
    key = f"section:{section.number}"
    wanted = reading.is_wanted(key, is_hidden=section.is_hidden, is_restricted=section.is_restricted)
    return CourseItem(
        key=key,
        kind=ItemKind.SECTION,
        title=section.name,
        section=section.name,
        url=section.url,
        is_hidden=section.is_hidden,
        is_restricted=section.is_restricted,
        html=section.summary if wanted else None,
    )


def module_items(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Every item of an activity, or why it could not be read; raises NotAllowed when the switch is turned off."""
    if module.kind == SUBSECTION:
        return []
    if reason := reading.records.reasons.get(module.kind):
        return _unread(reading, module, reason)
    try:
        return READERS.get(module.kind, plain.other)(reading, module)
    except PlatformFailed as failure:
        return _unread(reading, module, failure.sentence)
    except (KeyError, TypeError, ValueError, AttributeError):
        return _unread(reading, module, NO_MOODLE)


def _unread(reading: CourseReading, module: MoodleModule, reason: str) -> list[CourseItem]:
    """The activity itself carries the reason; its parts stay as they are."""
    own = item_of(module, KINDS.get(module.kind, ItemKind.OTHER), failure=reason)
    parts = [kept_item(module, key, known) for key, known in reading.parts_of(module).items() if key != own.key]
    return [own, *parts]
