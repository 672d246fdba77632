"""The tool in a cross-site frame of a browser that blocks third-party cookies, or all cookies of the frame."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.campus import Campus
from tests.browser.checks import AXE, FIND_VIOLATIONS
from tests.browser.conftest import Someone
from tests.browser.person import Person

BLOCK = 2


def test_the_partitioned_cookie_carries_the_launch_where_others_are_blocked(someone: Someone, campus: Campus) -> None:
    student = someone("bruno")
    tool = student.open(PlacementKind.TUTOR)
    expect(tool.get_by_label("Your question")).to_be_visible()
    kept = tool.locator("body").evaluate("() => (document.cookie = 'probe=1; SameSite=None; Secure', document.cookie)")
    assert "probe" not in kept
    [cookie] = [one for one in student.context.cookies() if one["name"] == "__Host-lectern"]
    assert cookie["partitionKey"] == "http://localhost"


@pytest.fixture
def cookieless(playwright: Playwright, launch_options: dict[str, Any], tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser that a person told to keep no cookie of the tool within the course site."""
    (tmp_path / "Default").mkdir()
    rule = {"http://127.0.0.1:*,http://localhost:*": {"setting": BLOCK}}
    preferences = {"profile": {"content_settings": {"exceptions": {"cookies": rule}}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = playwright.chromium.launch_persistent_context(str(tmp_path), **launch_options)
    yield context
    context.close()


def test_without_any_cookie_a_new_window_opens_the_activity(cookieless: BrowserContext, campus: Campus) -> None:
    student = Person(campus, cookieless, "hugo")
    tool = student.open(PlacementKind.TUTOR)
    expect(tool.get_by_role("heading", level=1)).to_have_text("Open in a new window")
    body = tool.locator("body")
    body.evaluate(AXE)
    assert body.evaluate(FIND_VIOLATIONS) == []
    assert tool.get_by_role("button").count() == 1
    with cookieless.expect_page() as opened:
        tool.get_by_role("button", name="Open in a new window").click()
    expect(opened.value.get_by_label("Your question")).to_be_visible()
    assert opened.value.url.startswith(f"{campus.tool_url}/l/")
