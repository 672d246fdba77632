"""The texts of each kind of activity in a Moodle backup (R28-R39). Runs in the limited process only."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from lxml import etree

from lti_tool.content.archives.markup import as_html, has_text, heading, line, moment
from lti_tool.content.archives.xml import number, text
from lti_tool.content.items import ItemKind

MOST_ENTRIES = 100
SEPARATE_GROUPS = "1"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A text of an activity; one with a key and a title of its own is an item beside the activity's."""

    html: str
    key: str = ""
    title: str = ""
    query: str = ""
    is_hidden: bool = False
    is_restricted: bool = False


Texts = Callable[[etree._Element, str], list[Part]]

KINDS = {
    "assign": ItemKind.ASSIGNMENT,
    "url": ItemKind.LINK,
    "resource": ItemKind.FILE,
    **{
        kind.value: kind
        for kind in (
            ItemKind.PAGE,
            ItemKind.BOOK,
            ItemKind.LABEL,
            ItemKind.QUIZ,
            ItemKind.FORUM,
            ItemKind.GLOSSARY,
            ItemKind.WIKI,
            ItemKind.LESSON,
            ItemKind.FOLDER,
        )
    },
}


def kind_of(module: str) -> ItemKind:
    return KINDS.get(module, ItemKind.OTHER)


def _whole(*blocks: str, is_restricted: bool = False) -> list[Part]:
    """One text of these blocks; none where nobody wrote anything."""
    html = "\n".join(block for block in blocks if has_text(block))
    return [Part(html=html, is_restricted=is_restricted)] if html else []


def _page(record: etree._Element, intro: str) -> list[Part]:
    return _whole(intro, as_html(text(record, "content"), number(record, "contentformat")))


def _link(record: etree._Element, intro: str) -> list[Part]:
    """The address is written down and never opened (R37)."""
    return _whole(intro, f"<p>{escape(text(record, 'externalurl'))}</p>")


def _assignment(record: etree._Element, intro: str) -> list[Part]:
    """Moodle keeps a description back until submissions open, where the teacher said so."""
    opens, points = number(record, "allowsubmissionsfromdate"), number(record, "grade")
    is_kept_back = opens > time.time() and number(record, "alwaysshowdescription") == 0
    return _whole(
        intro,
        as_html(text(record, "activity"), number(record, "activityformat")),
        moment("Submissions from", opens),
        moment("Due date", number(record, "duedate")),
        moment("Cut-off date", number(record, "cutoffdate")),
        # A negative grade is the number of a scale.
        line("Maximum grade", points) if points > 0 else "",
        is_restricted=is_kept_back,
    )


def _quiz(record: etree._Element, intro: str) -> list[Part]:
    """Never a question (R32)."""
    return _whole(intro, moment("Opens", number(record, "timeopen")), moment("Closes", number(record, "timeclose")))


def _glossary(record: etree._Element, intro: str) -> list[Part]:
    entries = [entry for entry in record.iterfind("entries/entry") if text(entry, "approved", "1") == "1"]
    return _whole(
        intro,
        *(
            heading(text(entry, "concept")) + as_html(text(entry, "definition"), number(entry, "definitionformat"))
            for entry in entries[:MOST_ENTRIES]
        ),
    )


def _lesson(record: etree._Element, intro: str) -> list[Part]:
    """Its pages in their order, without answers; what is behind a password, a date or another lesson is restricted."""
    pages = {text_id(page): page for page in record.iterfind("pages/page")}
    blocks = (
        heading(text(page, "title")) + as_html(text(page, "contents"), number(page, "contentsformat"))
        for page in _in_order(pages)
    )
    is_behind = (
        number(record, "usepassword") or number(record, "dependency") or number(record, "available") > time.time()
    )
    return _whole(intro, *blocks, is_restricted=bool(is_behind))


def _in_order(pages: dict[str, etree._Element]) -> Iterator[etree._Element]:
    """Each page names the next; what is not reached that way comes last."""
    left = dict(pages)
    following = next((key for key, page in pages.items() if text(page, "prevpageid", "0") == "0"), "")
    while (page := left.pop(following, None)) is not None:
        yield page
        following = text(page, "nextpageid")
    yield from left.values()


def text_id(element: etree._Element) -> str:
    return str(element.get("id", ""))


def _book(record: etree._Element, intro: str) -> list[Part]:
    """Each chapter by itself; what lies below a hidden chapter is hidden with it (R29)."""
    parts, is_hidden_above = _whole(intro), False
    for chapter in sorted(record.iterfind("chapters/chapter"), key=lambda each: number(each, "pagenum")):
        is_hidden = text(chapter, "hidden", "0") == "1"
        if text(chapter, "subchapter", "0") == "0":
            is_hidden_above = is_hidden
        html = as_html(text(chapter, "content"), number(chapter, "contentformat"))
        if has_text(html):
            key, title = text_id(chapter), text(chapter, "title")
            query = f"&chapterid={key}"
            parts.append(Part(html=html, key=key, title=title, query=query, is_hidden=is_hidden or is_hidden_above))
    return parts


def _wiki(record: etree._Element, intro: str) -> list[Part]:
    """The pages of everybody's wiki; those of one person are that person's own words (R35)."""
    parts = _whole(intro)
    for subwiki in record.iterfind("subwikis/subwiki"):
        if number(subwiki, "userid") or number(subwiki, "groupid"):
            continue
        for page in subwiki.iterfind("pages/page"):
            html = text(page, "cachedcontent")
            if has_text(html):
                parts.append(Part(html=html, key=text_id(page), title=text(page, "title")))
    return parts


def _described(record: etree._Element, intro: str) -> list[Part]:
    """The description alone: posts and answers are people's own words (R33, R39)."""
    return _whole(intro)


TEXTS: dict[str, Texts] = {
    "page": _page,
    "url": _link,
    "assign": _assignment,
    "quiz": _quiz,
    "glossary": _glossary,
    "lesson": _lesson,
    "book": _book,
    "wiki": _wiki,
    "other": _described,
}
