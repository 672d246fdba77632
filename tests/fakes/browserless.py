"""Drives whole launches over real HTTP like a browser: cookies, redirects, forms that a script would send on.

browser = Browserless(demo_platform)
page = browser.launch_as("amira", activity_id)      # the tool's page; page.content is parsed and checked
page = browser.submit(page, "/submission", {"text": "My answer"})

The ways around the site (be, launch_as, pick_as, register, activate) are those of `lectern demo`.
"""

from collections.abc import Mapping

from bs4 import Tag
from sqlalchemy import select

from lti_tool.demo.models import Activity
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import Page, SiteVisitor
from tests.fixtures.markup import checked_page


class Browserless(SiteVisitor):
    """One browser at one course site; every page it ends on is checked as pages must be."""

    def __init__(self, platform: DemoPlatform) -> None:
        super().__init__(platform.store)
        self.platform = platform

    def open(self, url: str) -> Page:
        return self._checked(super().open(url))

    def send(self, page: Page, form: Tag, changes: Mapping[str, str | list[str]] | None = None) -> Page:
        return self._checked(super().send(page, form, changes))

    def review_as(self, username: str, activity_id: int, reviewed: str) -> Page:
        """Ask for a submission review, allowed or not: the site checks nothing, as Moodle."""
        self.be(username)
        return self.open(f"/activity/{activity_id}/launch?review={self.person_id(reviewed)}")

    def activity_id(self, title: str, course_id: int = 1) -> int:
        with self.store.transaction() as rows:
            found = select(Activity.id).where(Activity.title == title, Activity.course_id == course_id)
            return rows.scalars(found).one()

    def _checked(self, page: Page) -> Page:
        assert page.status < 500, page.text
        checked_page(page.text)
        return page
