"""An IMS Common Cartridge (1.1 to 1.3) as it lies unpacked: pages, files, links and discussion topics of its outline.

Runs in the limited process only. Quizzes are named; their questions and answers are never read. Elements are found by
their names alone, for every version has namespaces of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from lxml import etree

from lti_tool.content.archives.found import FoundCourse, FoundItem, found_item
from lti_tool.content.archives.markup import Format, as_html, has_text
from lti_tool.content.archives.xml import parsed
from lti_tool.content.extraction.text import decoded
from lti_tool.content.items import ItemKind, Origin
from lti_tool.errors import InvalidInput
from lti_tool.site_settings.patterns import N_

MANIFEST = "imsmanifest.xml"
PAGES = (".html", ".htm", ".xhtml")
FOR_TEACHERS = {"instructor", "mentor", "teacher"}
# Canvas writes into its pages that they are not published.
UNPUBLISHED = re.compile(r"<meta[^>]+workflow_state[^>]+unpublished|<meta[^>]+unpublished[^>]+workflow_state", re.I)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What an entry of the outline points to."""

    identifier: str
    kind: str
    path: str
    is_for_teachers: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place in the outline with its title and the part of the course around it."""

    title: str
    section: str
    resource: Resource


def read(folder: Path) -> FoundCourse:
    """Raises InvalidInput for a manifest without an outline."""
    manifest = parsed(folder / MANIFEST)
    if "common cartridge" not in _text(manifest, "metadata/schema").lower():
        raise InvalidInput(
            "archive_unknown", "This package is no Common Cartridge. Export the course as one, or as a backup."
        )
    resources = {resource.identifier: resource for resource in _resources(manifest)}
    course = str(manifest.get("identifier") or "cartridge")
    outline = _find(manifest, "organizations/organization")
    if outline is None:
        raise InvalidInput("archive_unknown", "This cartridge holds no outline of a course.")
    found = (_item(folder, entry) for entry in _entries(outline, resources))
    items = [item for item in found if item is not None]
    for item in items:
        item["key"] = f"{course}/{item['key']}"
    title = _text(manifest, "metadata/lom/general/title/string")
    return FoundCourse(origin=Origin.CARTRIDGE, course=course, title=title, site="", number="", items=items)


def _resources(manifest: etree._Element) -> Iterator[Resource]:
    for element in _all(manifest, "resources/resource"):
        file = _find(element, "file")
        path = element.get("href") or (file.get("href") if file is not None else "") or ""
        roles = {_words(value).lower() for value in _all(element, "metadata/lom/educational/intendedEndUserRole/value")}
        yield Resource(
            identifier=str(element.get("identifier", "")),
            kind=str(element.get("type", "")).lower(),
            path=unquote(path).partition("?")[0].partition("#")[0],
            is_for_teachers=bool(roles & FOR_TEACHERS) and "learner" not in roles,
        )


def _entries(parent: etree._Element, resources: dict[str, Resource], section: str = "") -> Iterator[Entry]:
    """Every entry that points to something; the title of the one around it is its section."""
    for element in _all(parent, "item"):
        title = _text(element, "title")
        resource = resources.get(str(element.get("identifierref", "")))
        if resource is not None:
            yield Entry(title=title, section=section, resource=resource)
        yield from _entries(element, resources, title or section)


def _item(folder: Path, entry: Entry) -> FoundItem | None:
    """None for what has no text: tools of others, question banks."""
    resource, kind = entry.resource, entry.resource.kind
    if "imsqti" in kind or "assessment" in kind:
        return _placed(found_item(ItemKind.QUIZ, resource.identifier, entry.title, html=_named("Quiz", entry)), entry)
    if kind.startswith(("imswl", "imsdt", "assignment")):
        return _from_xml(folder, entry)
    if "imsbasiclti" in kind or not resource.path:
        return None
    path = _inside(folder, resource.path)
    if not path.is_file():
        missing = N_("The file is missing in the archive.")
        return _placed(found_item(ItemKind.FILE, resource.identifier, entry.title, failure=missing), entry)
    if path.suffix.lower() in PAGES:
        return _page(entry, decoded(path.read_bytes()))
    relative = str(path.relative_to(folder.resolve()))
    return _placed(found_item(ItemKind.FILE, resource.identifier, entry.title, path=relative, name=path.name), entry)


def _page(entry: Entry, html: str) -> FoundItem | None:
    if not has_text(html):
        return None
    item = found_item(ItemKind.PAGE, entry.resource.identifier, entry.title, html=html)
    item["is_hidden"] = bool(UNPUBLISHED.search(html))
    return _placed(item, entry)


def _from_xml(folder: Path, entry: Entry) -> FoundItem | None:
    """A web link, which is never opened; a topic, which is a teacher's; an assignment."""
    root = parsed(_inside(folder, entry.resource.path))
    if entry.resource.kind.startswith("imswl"):
        url = _find(root, "url")
        address = str(url.get("href", "")) if url is not None else ""
        html, kind = f"<p>{escape(_text(root, 'title'))}: {escape(address)}</p>", ItemKind.LINK
    else:
        body = _find(root, "text")
        format = Format.PLAIN if body is not None and body.get("texttype") == "text/plain" else Format.HTML
        html = as_html(_words(body), format) if body is not None else ""
        kind = ItemKind.FORUM if entry.resource.kind.startswith("imsdt") else ItemKind.ASSIGNMENT
    return (
        _placed(found_item(kind, entry.resource.identifier, entry.title, html=html), entry) if has_text(html) else None
    )


def _placed(item: FoundItem, entry: Entry) -> FoundItem:
    item["section"] = entry.section
    item["is_hidden"] = item["is_hidden"] or entry.resource.is_for_teachers
    return item


def _named(word: str, entry: Entry) -> str:
    return f"<p>{word}: {escape(entry.title)}</p>"


def _inside(folder: Path, written: str) -> Path:
    """Where a manifest points to, never outside of the archive."""
    base = folder.resolve()
    path = (base / PurePosixPath(written.replace("\\", "/").lstrip("/"))).resolve()
    if not path.is_relative_to(base):
        raise InvalidInput("archive_path", "This archive holds a file with a forbidden name and was refused.")
    return path


def _all(parent: etree._Element, names: str) -> list[etree._Element]:
    """Descendants along these names, whatever their namespaces."""
    found = [parent]
    for name in names.split("/"):
        found = [child for each in found for child in each.iterchildren(f"{{*}}{name}")]
    return found


def _find(parent: etree._Element, names: str) -> etree._Element | None:
    return next(iter(_all(parent, names)), None)


def _text(parent: etree._Element, names: str) -> str:
    found = _find(parent, names)
    return _words(found) if found is not None else ""


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""
