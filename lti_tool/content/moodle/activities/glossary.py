"""A glossary: its first hundred approved entries, each as concept and definition (R34)."""

from collections.abc import Iterator

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.module_items import CourseReading, heading, kept_item, key_of, text_items
from lti_tool.content.moodle.overview import Json, MoodleModule
from lti_tool.moodle.client import MoodleClient

MOST_ENTRIES = 100
PAGE = 50


def glossary(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Asked again only where Moodle calls it changed; a deletion alone shows in the next complete reading."""
    if not reading.is_to_be_asked(module):
        return [kept_item(module, key, known) for key, known in reading.parts_of(module).items()]
    if not reading.is_wanted(key_of(module), is_hidden=module.is_hidden, is_restricted=module.is_restricted):
        return text_items(reading, module, ItemKind.GLOSSARY, module.name)
    entries = [
        f"{heading(2, str(entry['concept']))}\n{entry['definition']}"
        for entry in _entries(reading.client, module)
        if entry.get("approved", True)
    ]
    return text_items(reading, module, ItemKind.GLOSSARY, reading.record_of(module).get("intro", ""), *entries)


def _entries(client: MoodleClient, module: MoodleModule) -> Iterator[Json]:
    for start in range(0, MOST_ENTRIES, PAGE):
        answer = client.call(
            "mod_glossary_get_entries_by_letter",
            id=module.instance,
            letter="ALL",
            **{"from": start, "limit": PAGE},
            options={"includenotapproved": False},
        )
        yield from answer["entries"]
        if start + PAGE >= int(answer["count"]):
            return
