"""A wiki: the latest version of every page that everybody in the course may read (R35).

Pages of one student's own wiki, and of one group where groups are separate, are not everybody's: they are never read.
"""

from collections.abc import Iterator

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.module_items import CourseReading, has_text, item_of, kept_item, key_of, text_items
from lti_tool.content.moodle.overview import Json, MoodleModule
from lti_tool.moodle.client import MoodleClient

SEPARATE_GROUPS = 1


def wiki(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Asked again only where Moodle calls it changed; a deletion alone shows in the next complete reading."""
    if not reading.is_to_be_asked(module):
        return [kept_item(module, key, known) for key, known in reading.parts_of(module).items()]
    items = text_items(reading, module, ItemKind.WIKI, reading.record_of(module).get("intro", ""))
    base = module.url.partition("?")[0]
    return items + [
        _item(reading, module, page, f"{base}?pageid={page['id']}")
        for page in _pages(reading.client, module)
        if has_text(str(page["cachedcontent"]))
    ]


def _item(reading: CourseReading, module: MoodleModule, page: Json, url: str) -> CourseItem:
    part = str(page["id"])
    wanted = reading.is_wanted(key_of(module, part), is_hidden=module.is_hidden, is_restricted=module.is_restricted)
    title, html = f"{module.name}: {page['title']}", str(page["cachedcontent"]) if wanted else None
    return item_of(module, ItemKind.WIKI, part=part, title=title, url=url, html=html)


def _pages(client: MoodleClient, module: MoodleModule) -> Iterator[Json]:
    for part in client.call("mod_wiki_get_subwikis", wikiid=module.instance)["subwikis"]:
        group, owner = int(part["groupid"]), int(part["userid"])
        if int(part["id"]) < 0 or owner or (group and module.group_mode == SEPARATE_GROUPS):
            continue
        answer = client.call(
            "mod_wiki_get_subwiki_pages",
            wikiid=module.instance,
            groupid=group,
            userid=owner,
            options={"includecontent": True},
        )
        yield from answer["pages"]
