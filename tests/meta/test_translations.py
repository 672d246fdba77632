"""Every text of a page can be translated; a language that is called complete leaves none out."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from bs4 import BeautifulSoup, NavigableString

from lti_tool.errors import InvalidInput, ModelFailed, NotAllowed, NotFound, PlatformFailed, ToolError
from lti_tool.web.error_pages import DEFAULTS
from tests.meta.source import ROOT
from tests.meta.translations import COMPLETE, DRAFTS, SPOKEN_BY_OPERATORS, catalogue_of, texts

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CLASSES = re.compile(r"\{% block \w+_class %\}.*?\{% endblock %\}", re.S)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
SHOWN = ("placeholder", "title", "alt", "aria-label")
NO_WORDS = {"HTML", "Markdown", "SHA-256", "SHA-256:", "UTC"}
"""The same in every language."""


@cache
def source() -> Catalog:
    return texts()


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_has_every_text(language: str) -> None:
    catalogue = catalogue_of(language)
    untranslated = [one.id for one in source() if one.id and not is_translated(catalogue, one.id)]
    assert untranslated == [], f"{len(untranslated)} texts: make translations, and translate what is empty"


@pytest.mark.parametrize("language", (*COMPLETE, *DRAFTS))
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    for message in catalogue_of(language):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and all(strings):
            wanted = sorted(PLACEHOLDER.findall(originals[-1]))
            assert sorted(PLACEHOLDER.findall(strings[-1])) == wanted, message.id


@pytest.mark.parametrize("language", DRAFTS)
def test_a_draft_says_that_it_is_one(language: str) -> None:
    assert "draft" in catalogue_of(language).header_comment


def test_what_an_error_says_by_itself_can_be_translated() -> None:
    families = (ToolError, NotAllowed, NotFound, InvalidInput, PlatformFailed, ModelFailed)
    assert {str(family.__doc__) for family in families} == set(DEFAULTS)


def test_no_template_says_anything_in_english_alone() -> None:
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.relative_to(ROOT / "templates").parts[0] not in SPOKEN_BY_OPERATORS:
            found[path.name] = untranslatable(path.read_text("utf-8"))
    assert {name: words for name, words in found.items() if words} == {}


def is_translated(catalogue: Catalog, text: str | tuple[str, ...]) -> bool:
    message = catalogue.get(text)
    return message is not None and all(message.string if isinstance(message.string, tuple) else [message.string])


def untranslatable(template: str) -> list[str]:
    """Words of the markup itself, between tags or in an attribute that is shown or read out."""
    page = BeautifulSoup(JINJA.sub("", CLASSES.sub("", template)), "html.parser")
    said = [str(text) for text in page.find_all(string=True) if type(text) is NavigableString]
    said += [str(tag[name]) for tag in page.find_all(True) for name in SHOWN if tag.get(name)]
    return [text.strip() for text in said if re.search(r"[A-Za-z]{3}", text) and text.strip() not in NO_WORDS]
