"""Templates obey the content security policy: nothing inline, nothing from elsewhere."""

import re

import pytest

from tests.meta.source import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "lti_tool").rglob("*.html"))
FORBIDDEN = {
    "script without src": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "foreign script or style": re.compile(r"<(script|link)[^>]*\b(src|href)=[\"']?(https?:)?//", re.IGNORECASE),
    "unescaped value": re.compile(r"\|\s*safe\b"),
    "error in English alone": re.compile(r"\{\{[^}]*(error|errors[^}]*|refusal|closed)\.message"),
}


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_no_template_has(forbidden: str) -> None:
    found = {path: FORBIDDEN[forbidden].search(path.read_text(encoding="utf-8")) for path in TEMPLATES}
    assert {str(path.relative_to(ROOT)): match[0] for path, match in found.items() if match} == {}


def test_every_behaviour_a_template_asks_for_has_its_script() -> None:
    asked = {name for path in TEMPLATES for name in re.findall(r'data-module="([a-z-]+)"', path.read_text("utf-8"))}
    scripts = " ".join(path.read_text("utf-8") for path in (ROOT / "static" / "js").glob("*.js"))
    assert {name for name in asked if f'[data-module="{name}"]' not in scripts} == set()


def test_every_table_that_scrolls_is_a_named_region_that_the_keyboard_reaches() -> None:
    texts = [path.read_text("utf-8") for path in TEMPLATES]
    tags = [tag for text in texts for tag in re.findall(r'<div class="table-scroll[^>]*>', text)]
    wanted = ('role="region"', "aria-label", 'tabindex="0"')
    assert tags and [tag for tag in tags if not all(part in tag for part in wanted)] == []
