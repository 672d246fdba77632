"""Nothing live comes through the server's sanitiser (R167); tests/browser/test_xss.py feeds the browser's the same."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from lti_tool.web.markdown import render_markdown, sanitise

CORPUS = json.loads((Path(__file__).parent / "xss.json").read_text(encoding="utf-8"))["vectors"]
VECTORS = [vector for group in CORPUS.values() for vector in group]
HARMLESS = re.compile(
    r"p|br|hr|ul|ol|li|blockquote|pre|code|span|strong|em|s|h[3-6]|table|thead|tbody|tr|th|td|a|"
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


def test_the_corpus_has_at_least_a_hundred_vectors_and_none_twice() -> None:
    assert len(VECTORS) == len(set(VECTORS)) >= 100


@pytest.mark.parametrize("vector", VECTORS, ids=ascii)
def test_no_vector_survives_and_a_second_reading_finds_nothing_new(vector: str) -> None:
    once = sanitise(vector)
    assert_nothing_live(once)
    assert sanitise(once) == once
    assert_nothing_live(str(render_markdown(vector)))
