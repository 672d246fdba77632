"""Nothing live comes through the server's sanitiser (R167); tests/browser/test_xss.py feeds the browser's the same."""

import re

import pytest
from bs4 import BeautifulSoup

from lti_tool.web.markdown import render_markdown, sanitise
from tests.web.xss import OWN, PUBLIC, VECTORS

HARMLESS = re.compile(
    r"p|br|hr|ul|ol|li|blockquote|pre|code|span|strong|em|s|h[1-6]|table|thead|tbody|tr|th|td|a|"
    r"math|m(enclose|frac|i|multiscripts|n|o|over|padded|phantom|prescripts|root|row|space|sqrt|style|sub|subsup|sup|"
    r"table|td|text|tr|under|underover)"
)
LIVE = re.compile(r"on.*|style|src.*|data.*|.*action|background|poster|ping|id|name|is|aria-.*|.*:.*", re.IGNORECASE)


def assert_nothing_live(html: str) -> None:
    for element in BeautifulSoup(html, "html5lib").body.find_all(True):
        assert HARMLESS.fullmatch(element.name), element
        assert not [name for name in element.attrs if LIVE.fullmatch(name)], element
        assert re.match(r"https?://|mailto:", element.get("href", "https://")), element
        assert all(re.match(r"hl-|language-", name) for name in element.get("class", [])), element


@pytest.mark.parametrize("corpus", [OWN, PUBLIC], ids=["our own", "public"])
def test_each_corpus_has_at_least_a_hundred_vectors_and_none_twice(corpus: list[str]) -> None:
    assert len(corpus) == len(set(corpus)) >= 100


@pytest.mark.parametrize("vector", VECTORS, ids=ascii)
def test_no_vector_survives_and_a_second_reading_finds_nothing_new(vector: str) -> None:
    once = sanitise(vector)
    assert_nothing_live(once)
    assert sanitise(once) == once
    assert_nothing_live(str(render_markdown(vector)))
