"""A browser without a window: keeps cookies, follows redirects and sends forms, as `lectern demo` does to set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select

from lti_tool.config import origin_of
from lti_tool.demo.models import Person
from lti_tool.demo.store import Store
from lti_tool.errors import PlatformFailed

PATIENCE = 180
MOST_HOPS = 10


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer that a person would see."""

    url: str
    status: int
    content: BeautifulSoup
    text: str

    @property
    def heading(self) -> str:
        found = self.content.find("h1")
        return " ".join(found.get_text().split()) if found else ""

    def find_form(self, part_of_action: str = "") -> Tag:
        """The form with this action, or else the first whose action contains the text; raises PlatformFailed."""
        forms = [form for form in self.content.find_all("form") if part_of_action in str(form.get("action", ""))]
        exact = [form for form in forms if form.get("action") == part_of_action]
        if forms:
            return (exact or forms)[0]
        raise PlatformFailed(
            "form_missing",
            "The page “%(heading)s” has no form for “%(part_of_action)s”.",
            {"heading": self.heading, "part_of_action": part_of_action},
        )


class Visitor:
    """One browser; every method returns the page it ends on."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.headers["User-Agent"] = "lectern-demo"

    def open(self, url: str) -> Page:
        return self._arrive(self.http.get(url, timeout=PATIENCE))

    def send(self, page: Page, form: Tag, changes: Mapping[str, str | list[str]] | None = None) -> Page:
        """Send a form of the page as a browser would, with some fields changed or added."""
        fields: dict[str, str | list[str]] = {**form_fields(form), **(changes or {})}
        url = urljoin(page.url, str(form.get("action", "")))
        headers = {"Origin": origin_of(page.url), "Referer": page.url}
        if str(form.get("method", "get")).lower() == "get":
            return self._arrive(self.http.get(url, params=fields, timeout=PATIENCE))
        return self._arrive(self.http.post(url, data=fields, headers=headers, timeout=PATIENCE))

    def _arrive(self, answer: requests.Response) -> Page:
        """Send on the forms that a browser's script sends on."""
        page = _page(answer)
        for _ in range(MOST_HOPS):
            onward = page.content.find("form", attrs={"data-module": "auto-submit"})
            if not isinstance(onward, Tag):
                return page
            url = urljoin(page.url, str(onward["action"]))
            headers = {"Origin": origin_of(page.url)}
            page = _page(self.http.post(url, data=form_fields(onward), headers=headers, timeout=PATIENCE))
        raise PlatformFailed("too_many_hops", "The pages send each other on without an end.")


class SiteVisitor(Visitor):
    """A browser that knows its way around the course site."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def open(self, url: str) -> Page:
        """An address, or a path of the site."""
        return super().open(url if "://" in url else f"{self.store.issuer}{url}")

    def submit(self, page: Page, part_of_action: str, changes: Mapping[str, str | list[str]] | None = None) -> Page:
        """Send the form whose action contains the text, with some fields changed."""
        return self.send(page, page.find_form(part_of_action), changes)

    def be(self, username: str) -> Page:
        return self.submit(self.open("/"), f"/be/{self.person_id(username)}")

    def launch_as(self, username: str, activity_id: int) -> Page:
        """Open an activity as that person; returns the page of the tool that the frame would show."""
        self.be(username)
        return self.open(f"/activity/{activity_id}/launch")

    def pick_as(self, username: str, course_id: int = 1, tool_id: int = 1) -> Page:
        """Open the tool's picker."""
        self.be(username)
        return self.open(f"/course/{course_id}/add/{tool_id}/launch")

    def register(self, registration_address: str) -> Page:
        """Register a tool by its address, as the administrator does; it is pending afterwards."""
        self.be("admin")
        page = self.submit(self.open("/tools"), "/tools", {"address": registration_address})
        frame = page.content.find("iframe")
        if not isinstance(frame, Tag):
            raise PlatformFailed("registration_refused", "The course site said: %(heading)s", {"heading": page.heading})
        return self.open(str(frame["src"]))

    def activate(self, tool_id: int = 1, *, names: bool = False, emails: bool = False) -> Page:
        """Let the tool be used, and say what it is told of people."""
        self.be("admin")
        wanted = {"is_active": True, "shares_names": names, "shares_emails": emails}
        return self.submit(self.open("/tools"), f"/tools/{tool_id}", {name: "on" for name, on in wanted.items() if on})

    def person_id(self, username: str) -> int:
        with self.store.transaction() as rows:
            return rows.scalars(select(Person.id).where(Person.username == username)).one()


def form_fields(form: Tag) -> dict[str, str | list[str]]:
    """What a browser would send of the form as it stands, without its buttons."""
    fields: dict[str, str | list[str]] = {}
    for control in form.find_all(["input", "textarea", "select"]):
        name, kind = control.get("name"), str(control.get("type", "text"))
        if not name or kind in {"submit", "button", "file"} or control.has_attr("disabled"):
            continue
        if kind in {"checkbox", "radio"} and not control.has_attr("checked"):
            continue
        value = _value(control)
        before = fields.get(str(name))
        if before is None:
            fields[str(name)] = value
        else:
            fields[str(name)] = [*(before if isinstance(before, list) else [before]), value]
    return fields


def _value(control: Tag) -> str:
    if control.name == "textarea":
        return control.get_text()
    if control.name == "select":
        options = control.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return str(chosen[0].get("value", chosen[0].get_text())) if chosen else ""
    default = "on" if control.get("type") in {"checkbox", "radio"} else ""
    return str(control.get("value", default))


def _page(answer: requests.Response) -> Page:
    content = BeautifulSoup(answer.content, "html.parser")
    return Page(url=answer.url, status=answer.status_code, content=content, text=answer.text)
