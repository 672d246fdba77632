"""What reading an archive brings out of the limited process, as JSON; content/archives/reading.py makes items of it."""

from typing import TypedDict

from lti_tool.content.items import ItemKind


class FoundItem(TypedDict):
    """An item; `path` is a file below the folder of the archive, `name` how its author called it."""

    key: str
    kind: str
    title: str
    section: str
    address: str
    is_hidden: bool
    is_restricted: bool
    html: str | None
    path: str
    name: str
    failure: str


class FoundCourse(TypedDict):
    """`course` begins the key of every item: another export of the same course replaces this one, and no other."""

    origin: str
    course: str
    title: str
    site: str
    number: str
    items: list[FoundItem]


def found_item(kind: ItemKind, key: str, title: str, **values: object) -> FoundItem:
    """An item with the usual values for what is not said."""
    item = FoundItem(
        key=key,
        kind=kind,
        title=title or key,
        section="",
        address="",
        is_hidden=False,
        is_restricted=False,
        html=None,
        path="",
        name="",
        failure="",
    )
    item.update(values)  # type: ignore[typeddict-item]
    return item
