"""A book: each chapter is an item of its own, with its own address, hidden as the book's structure says (R29)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.activities.fetching import fetched
from lti_tool.content.moodle.module_items import CourseReading, item_of, key_of, text_items
from lti_tool.content.moodle.overview import Json, MoodleModule


@dataclass(frozen=True, kw_only=True)
class _Chapter:
    number: str
    title: str
    is_hidden: bool


def book(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """The book's own description, then its chapters in their order."""
    pages = {str(each["filepath"]).strip("/"): each for each in module.contents if each["filename"] == "index.html"}
    items = text_items(reading, module, ItemKind.BOOK, reading.record_of(module).get("intro", ""))
    return items + [
        _item(reading, module, chapter, pages[chapter.number])
        for chapter in _chapters(module)
        if chapter.number in pages
    ]


def _chapters(module: MoodleModule) -> Iterator[_Chapter]:
    structure = next((each for each in module.contents if each["filename"] == "structure"), None)
    for entry in json.loads(structure["content"]) if structure else []:
        is_hidden = str(entry.get("hidden", "0")) == "1"
        # A chapter before the first main one stands under an entry without a page of its own.
        if "href" in entry:
            yield _chapter(entry, is_hidden=is_hidden)
        for inner in entry.get("subitems", ()):
            yield _chapter(inner, is_hidden=is_hidden)


def _chapter(entry: Json, *, is_hidden: bool) -> _Chapter:
    """What lies in a hidden chapter is hidden with it."""
    own = str(entry.get("hidden", "0")) == "1"
    return _Chapter(number=str(entry["href"]).split("/")[0], title=str(entry["title"]), is_hidden=own or is_hidden)


def _item(reading: CourseReading, module: MoodleModule, chapter: _Chapter, page: Json) -> CourseItem:
    is_hidden, version = chapter.is_hidden or module.is_hidden, str(page.get("timemodified") or "")
    key = key_of(module, chapter.number)
    html, failure = None, ""
    wanted = reading.is_wanted(key, is_hidden=is_hidden, is_restricted=module.is_restricted)
    if wanted and not reading.has(module, key, version):
        target, failure = fetched(reading, page)
        html = target.read_text("utf-8", errors="replace") if target else None
    return item_of(
        module,
        ItemKind.BOOK,
        part=chapter.number,
        title=f"{module.name}: {chapter.title}",
        url=f"{module.url}&chapterid={chapter.number}",
        is_hidden=chapter.is_hidden,
        html=html,
        failure=failure,
        version=version,
    )
