"""XML that somebody sent: no document type, no entities, nothing fetched. Runs in the limited process only."""

from pathlib import Path

from lxml import etree

from lti_tool.errors import InvalidInput

NULL = "$@NULL@$"
"""Moodle's word for nothing."""


def parsed(path: Path) -> etree._Element:
    """The root element; raises InvalidInput for what is missing, malformed or declares entities."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.parse(str(path), parser)
    except (etree.XMLSyntaxError, OSError) as error:
        raise InvalidInput(
            "archive_broken", "“%(name)s” in this archive is missing or damaged.", {"name": path.name}
        ) from error
    if tree.docinfo.doctype:
        raise InvalidInput(
            "archive_doctype", "“%(name)s” in this archive declares a document type: refused.", {"name": path.name}
        )
    return tree.getroot()


def text(element: etree._Element | None, name: str, default: str = "") -> str:
    """The text of a child; the default where it is absent or stands for nothing."""
    found = element.find(name) if element is not None else None
    written = "".join(str(part) for part in found.itertext()) if found is not None else ""
    return default if written == NULL else written or default


def number(element: etree._Element | None, name: str) -> int:
    """A whole number, 0 where there is none."""
    written = text(element, name).partition(".")[0]
    return int(written) if written.removeprefix("-").isdecimal() and len(written) < 19 else 0
