"""The texts of the pages, as translators get them; run as a module it brings the catalogues up to date."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from lti_tool.web.languages import FOLDER
from tests.meta.source import ROOT

ERRORS = ("InvalidInput", "NotAllowed", "NotFound", "PlatformFailed", "ModelFailed")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    **dict.fromkeys(ERRORS, (2,)),
}
COMPLETE, DRAFTS = ("it",), ("de", "es", "fr")
"""Drafts were written by one person and wait for a speaker who reads them in the pages."""
SPOKEN_BY_OPERATORS = ("cli", "demo", "config.py")
"""Commands, their settings and the course site of the demo speak English."""


def texts() -> Catalog:
    """Every text of a page, with where it stands."""
    catalogue = Catalog(project="Lectern", charset="utf-8")
    for path, method in sources():
        for line, text, _, context in extract_from_file(method, str(path), keywords=KEYWORDS):
            catalogue.add(text, None, [(str(path.relative_to(ROOT)), line)], context=context)
    return catalogue


def sources() -> Iterator[tuple[Path, str]]:
    package = ROOT / "lti_tool"
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in SPOKEN_BY_OPERATORS:
            yield path, "python"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.relative_to(ROOT / "templates").parts[0] not in SPOKEN_BY_OPERATORS:
            yield path, "jinja2"


def catalogue_of(language: str) -> Catalog:
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language, project="Lectern", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def bring_up_to_date() -> None:
    """Add what is new, drop what is gone; a text that changed has to be translated anew."""
    template = texts()
    FOLDER.mkdir(exist_ok=True)
    for language in (*COMPLETE, *DRAFTS):
        catalogue = catalogue_of(language)
        made = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.creation_date = made
        catalogue.fuzzy = False
        catalogue.header_comment = f"# The texts of Lectern, language {language}" + (
            ": a draft" if language in DRAFTS else ""
        )
        catalogue.last_translator = catalogue.language_team = "Lectern"
        catalogue.version, catalogue.msgid_bugs_address = "", ""
        with (FOLDER / f"{language}.po").open("wb") as file:
            write_po(file, catalogue, width=120, ignore_obsolete=True, no_location=True, omit_header=False)


if __name__ == "__main__":
    bring_up_to_date()
