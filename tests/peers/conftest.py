"""`openedx`: Open edX's platform, in its own environment, with the tool registered by hand."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from lti_tool.config import PROJECT_ROOT
from lti_tool.db import transaction
from lti_tool.demo.visitor import Page, Visitor
from lti_tool.lti.addresses import key_set_url, launch_url, login_url
from lti_tool.lti.registrations import PlatformEndpoints, register
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import write
from tests.fixtures.live import LiveTool
from tests.fixtures.patience import PATIENCE

PYTHON = PROJECT_ROOT / ".venv-peer" / "bin" / "python"
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class OpenEdx:
    """The running site; people are 1 (staff), 2 and 3 (students)."""

    tool: LiveTool
    own: dict[str, str]
    visitor: Visitor

    @property
    def url(self) -> str:
        return self.own["url"]

    def launch(self, number: int, *, deep_linking: bool = False) -> Page:
        """Open the activity as that person; returns the tool's page."""
        page = self.visitor.open(f"{self.url}/start/{number}{'?deep_linking=1' if deep_linking else ''}")
        # The peer sends its form by an inline script; a browser would run it.
        form = page.content.find("form")
        assert form is not None, page.text
        return self.visitor.send(page, form)

    def stored_items(self) -> list[dict[str, Any]]:
        stored: list[dict[str, Any]] = requests.get(f"{self.url}/items", timeout=PATIENCE).json()
        return stored


@pytest.fixture(scope="session")
def peer_site() -> Iterator[str]:
    """The address of the running site."""
    if not PYTHON.exists():
        pytest.skip("Open edX's platform is not installed: .ci/prepare test makes .venv-peer")
    with subprocess.Popen(
        [str(PYTHON), str(HERE / "openedx_site.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture
def openedx(live_tool: LiveTool, peer_site: str) -> OpenEdx:
    settings = live_tool.runtime.settings
    addresses = {
        "login_url": login_url(settings),
        "launch_url": launch_url(settings),
        "keyset_url": key_set_url(settings),
    }
    own = requests.post(f"{peer_site}/tool", json=addresses, timeout=PATIENCE).json()
    endpoints = PlatformEndpoints(
        issuer=own["url"],
        client_id=own["client_id"],
        authorization_endpoint=own["authorization_endpoint"],
        token_endpoint=own["token_endpoint"],
        keyset_url=own["keyset_url"],
    )
    with transaction(live_tool.runtime.engine) as session:
        register(session, endpoints, deployment_ids=["1"], allows_private_addresses=True)
        write(session, ENABLED, True)
    return OpenEdx(tool=live_tool, own=own, visitor=Visitor())
