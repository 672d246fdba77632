"""Somebody at their browser: signed in to the course site, opening activities in its frame or in the whole window."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Page

from lti_tool.accounts.models import PlacementKind
from tests.browser.campus import Campus
from tests.fixtures.patience import PATIENCE

LAUNCHED = "**/l/*/**"
LAUNCH_ADDRESS = re.compile(r"http://[^/]+/l/[0-9a-f-]{36}")


class Person:
    """`complaints` holds what the browser reported: errors of scripts and refusals of the content security policy."""

    def __init__(self, campus: Campus, context: BrowserContext, username: str) -> None:
        self.campus, self.context, self.username = campus, context, username
        self.complaints: list[str] = []
        self.launches: dict[str, str] = {}
        context.set_default_timeout(PATIENCE * 1000)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._note)
        self.page = context.new_page()
        self.sign_in(self.page)

    def sign_in(self, page: Page) -> None:
        page.goto(self.site("/"))
        page.locator(f'form[action$="/be/{self.person_id}"] button').click()
        page.wait_for_url("**/course/*")

    @property
    def person_id(self) -> int:
        return self.campus.person_id(self.username)

    def site(self, path: str) -> str:
        return f"{self.campus.platform.url}{path}"

    def open(self, kind: PlacementKind) -> FrameLocator:
        """The tool in the frame of the activity's page."""
        return self.open_activity(self.campus.activity_id(kind))

    def open_activity(self, activity_id: int) -> FrameLocator:
        self.page.goto(self.site(f"/activity/{activity_id}"))
        return self.frame

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe.demo-frame")

    def launched(self, path: str) -> str:
        """Launch in the whole window, once for each way in; the address under which the launch's pages live."""
        if path not in self.launches or "review" in path:
            self.page.goto(self.site(path))
            self.page.wait_for_url(LAUNCHED)
            found = LAUNCH_ADDRESS.match(self.page.url)
            assert found is not None, self.page.url
            self.launches[path] = found[0]
        return self.launches[path]

    def _note(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)
