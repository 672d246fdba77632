"""Drives whole launches over real HTTP like a browser: cookies, redirects, forms that a script would send on.

browser = Browserless(demo_platform)
page = browser.launch_as("amira", activity_id)      # the tool's page; page.content is parsed and checked
page = browser.submit(page, "/submission", {"text": "My answer"})
"""

from collections.abc import Mapping

from sqlalchemy import select

from lti_tool.demo.models import Activity, Person
from lti_tool.demo.server import DemoPlatform
from lti_tool.demo.visitor import Page, Visitor
from tests.fixtures.markup import checked_page


class Browserless:
    """One browser at one course site; `be` changes the person, as on the site's home page."""

    def __init__(self, platform: DemoPlatform) -> None:
        self.platform = platform
        self.visitor = Visitor()

    def open(self, address: str) -> Page:
        """A page of the site (a path) or of anywhere (an address), checked as every page must be."""
        url = address if "://" in address else f"{self.platform.url}{address}"
        return self._checked(self.visitor.open(url))

    def submit(self, page: Page, part_of_action: str, changes: Mapping[str, str | list[str]] | None = None) -> Page:
        """Send the form whose action contains the text, with some fields changed."""
        return self._checked(self.visitor.send(page, page.find_form(part_of_action), changes))

    def be(self, username: str) -> Page:
        person_id = self._person_id(username)
        return self.submit(self.open("/"), f"/be/{person_id}")

    def launch_as(self, username: str, activity_id: int) -> Page:
        """Open an activity as that person; returns the page of the tool that the frame would show."""
        self.be(username)
        return self.open(f"/activity/{activity_id}/launch")

    def review_as(self, username: str, activity_id: int, reviewed: str) -> Page:
        """Ask for a submission review, allowed or not: the site checks nothing, as Moodle."""
        self.be(username)
        return self.open(f"/activity/{activity_id}/launch?review={self._person_id(reviewed)}")

    def pick_as(self, username: str, course_id: int = 1, tool_id: int = 1) -> Page:
        """Open the tool's picker."""
        self.be(username)
        return self.open(f"/course/{course_id}/add/{tool_id}/launch")

    def register(self, registration_address: str) -> Page:
        """Register a tool by its address, as the administrator does; it is pending afterwards."""
        self.be("admin")
        page = self.submit(self.open("/tools"), "/tools", {"address": registration_address})
        frame = page.content.find("iframe")
        assert frame is not None, page.text
        return self.open(str(frame["src"]))

    def activate(self, tool_id: int = 1, *, names: bool = False, emails: bool = False) -> None:
        self.be("admin")
        wanted = {"is_active": "on"} | ({"shares_names": "on"} if names else {})
        wanted |= {"shares_emails": "on"} if emails else {}
        self.submit(self.open("/tools"), f"/tools/{tool_id}", wanted)

    def activity_id(self, title: str, course_id: int = 1) -> int:
        with self.platform.store.transaction() as rows:
            found = select(Activity.id).where(Activity.title == title, Activity.course_id == course_id)
            return rows.scalars(found).one()

    def _person_id(self, username: str) -> int:
        with self.platform.store.transaction() as rows:
            return rows.scalars(select(Person.id).where(Person.username == username)).one()

    def _checked(self, page: Page) -> Page:
        assert page.status < 500, page.text
        checked_page(page.text)
        return page
