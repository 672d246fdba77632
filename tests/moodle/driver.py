"""A real Moodle 4.5 in Chromium, driven the way its people use it: one profile a person, pages, dialogues and forms.

MOODLE_URL is the site, SEED_JSON a file with its people, courses and the token of its administrator.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext, Frame, Page

MOODLE = os.environ.get("MOODLE_URL", "").rstrip("/")
ADMINISTRATOR = ("admin", os.environ.get("MOODLE_ADMIN_PASSWORD", "Admin1234!"))
PATIENCE = 120_000
"""Milliseconds; a small machine needs some seconds for a page of Moodle."""


@cache
def seed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(os.environ["SEED_JSON"]).read_text(encoding="utf-8"))
    return found


def course_id(short_name: str) -> int:
    return int(seed()["courses"][short_name]["id"])


def user_id(name: str) -> int:
    return int(seed()["users"][name]["id"])


def call(function: str, **values: Any) -> Any:
    """A function of Moodle's web services, as its administrator."""
    form = {"wstoken": seed()["admin_token"], "wsfunction": function, "moodlewsrestformat": "json", **values}
    answer = requests.post(f"{MOODLE}/webservice/rest/server.php", data=form, timeout=120).json()
    if isinstance(answer, dict) and "exception" in answer:
        raise AssertionError(f"{function}: {answer['message']}")
    return answer


def activities(course: int) -> dict[str, int]:
    """The course's LTI activities: course module by name."""
    sections = call("core_course_get_contents", courseid=course)
    modules = [module for section in sections for module in section["modules"]]
    return {module["name"]: int(module["id"]) for module in modules if module["modname"] == "lti"}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What Moodle's own user report says of one column."""

    points: float | None
    comment: str


def mark(course: int, person: str, column: str) -> Mark:
    report = call("gradereport_user_get_grade_items", courseid=course, userid=user_id(person))["usergrades"][0]
    item = column_of(report, column)
    return Mark(points=item.get("graderaw"), comment=item.get("feedback") or "")


def column_of(report: dict[str, Any], name: str) -> dict[str, Any]:
    """The newest of that name: earlier runs have left theirs."""
    found: dict[str, Any] = [item for item in report["gradeitems"] if item["itemname"] == name][-1]
    return found


@dataclass(kw_only=True)
class People:
    """One browser; everybody signs in once, in a profile of their own."""

    browser: Browser
    profiles: dict[str, BrowserContext] = field(default_factory=dict)

    def page(self, user: str, *, width: int = 1280, height: int = 900) -> Page:
        if user not in self.profiles:
            self.profiles[user] = self._signed_in(user)
        page = self.profiles[user].new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    def close(self) -> None:
        for profile in self.profiles.values():
            profile.close()

    def _signed_in(self, user: str) -> BrowserContext:
        profile = self.browser.new_context()
        sign_in(profile, user)
        return profile


def sign_in(profile: BrowserContext, user: str) -> None:
    profile.set_default_timeout(PATIENCE)
    page = profile.new_page()
    name, password = ADMINISTRATOR if user == "admin" else (user, seed()["users"][user]["password"])
    page.goto(f"{MOODLE}/login/index.php")
    page.fill("#username", name)
    page.fill("#password", password)
    page.click("#loginbtn")
    # Moodle's own development server may leave a picture of the next page unanswered for minutes; and a page that is
    # closed just when it has been reached may never say that it is.
    page.wait_for_url(lambda url: "/login/" not in url, wait_until="domcontentloaded")
    page.close()


def tool_frame(page: Page, tool_url: str) -> Frame:
    """The tool's page within Moodle's: the frame once it has left the addresses of the launch."""
    for _ in range(PATIENCE // 250):
        for frame in page.frames:
            if frame.url.startswith(tool_url) and "/lti/login" not in frame.url:
                frame.wait_for_selector("h1")
                # What is typed before the page's scripts have run may be typed into something else.
                frame.wait_for_load_state()
                return frame
        page.wait_for_timeout(250)
    raise AssertionError(f"the tool did not open; frames: {[frame.url.partition('?')[0] for frame in page.frames]}")


def register(people: People, address: str) -> int:
    """Paste the tool's registration address, activate the tool, show it to teachers; Moodle's id of the tool."""
    page = people.page("admin")
    page.goto(f"{MOODLE}/mod/lti/toolconfigure.php")
    page.wait_for_load_state("networkidle")
    before = _tool_ids()
    page.fill("#tool-url", address)
    page.click("#tool-create-button")
    page.frame_locator("iframe").get_by_role("button", name="Close").click()
    # Moodle is asked and not the page: on a busy machine some cards of older tools appear only now.
    [made] = _tool_ids() - before
    card = page.locator(f".tool-card[data-type-id='{made}']")
    card.locator(".tool-card-footer, .tool-card-actions, .contenttype").or_(card).first.wait_for()
    card.get_by_text("Activate", exact=True).click()
    card.get_by_text("Active", exact=True).wait_for()
    _show_to_teachers(page, made)
    page.close()
    return made


def _tool_ids() -> set[int]:
    return {int(tool["id"]) for tool in call("mod_lti_get_tool_types")}


def _show_to_teachers(page: Page, tool: int) -> None:
    """In the activity chooser; names are shared, as most schools do."""
    key = page.evaluate("M.cfg.sesskey")
    page.goto(f"{MOODLE}/mod/lti/typessettings.php?action=update&id={tool}&sesskey={key}")
    page.select_option("#id_lti_coursevisible", "2")
    page.locator("#id_lti_sendname").evaluate("(list) => { list.value = '1' }")
    page.click("#id_submitbutton")
    page.wait_for_url("**section=modsettinglti**")


def deep_link(
    people: People, tool: int, tool_url: str, course: int, choose: Callable[[Frame], None], *, user: str = "teach1"
) -> dict[str, int]:
    """Add activities as a teacher, through the tool's picker; the new ones, course module by name."""
    before = activities(course)
    page = people.page(user)
    page.goto(f"{MOODLE}/course/modedit.php?add=lti&return=0&course={course}&section=1&typeid={tool}")
    page.click("[name=selectcontent]")
    choose(tool_frame(page, tool_url))
    page.wait_for_function("!document.querySelector('.modal.show')")
    # One item fills the form, which the teacher saves; of several Moodle makes the activities and leaves the form.
    page.wait_for_timeout(1500)
    save = page.locator("#id_submitbutton2")
    if save.is_visible():
        save.click()
    page.wait_for_url(re.compile(r"/course/(view|modregrade)\.php"))
    if "modregrade" in page.url:
        # A course with many grades is reckoned anew first, and says so.
        page.get_by_text("Continue", exact=True).click()
        page.wait_for_url("**/course/view.php*")
    page.close()
    return {name: module for name, module in activities(course).items() if before.get(name) != module}


def address(module: int) -> str:
    """Of an activity; the comment beside a grade ends with it."""
    return f"{MOODLE}/mod/lti/view.php?id={module}"


def launch(
    people: People, user: str, module: int, tool_url: str, *, width: int = 1280, height: int = 900
) -> tuple[Page, Frame]:
    page = people.page(user, width=width, height=height)
    page.goto(address(module))
    return page, tool_frame(page, tool_url)


def review(people: People, user: str, module: int, reviewed: str) -> Page:
    """Ask Moodle for the submission review of a person, the way its gradebook does; the tool answers in the page."""
    page = people.page(user)
    page.goto(f"{MOODLE}/mod/lti/launch.php?id={module}&action=gradeReport&user={user_id(reviewed)}")
    return page


def override(people: People, course: int, column: str, person: str, points: str) -> None:
    """A teacher writes a grade over the tool's, in Moodle's own form."""
    report = call("gradereport_user_get_grade_items", courseid=course, userid=user_id(person))["usergrades"][0]
    item = column_of(report, column)
    page = people.page("teach1")
    place = f"courseid={course}&itemid={item['id']}&userid={user_id(person)}"
    page.goto(f"{MOODLE}/grade/edit/tree/grade.php?{place}&gpr_type=report&gpr_plugin=grader&gpr_courseid={course}")
    page.check("#id_overridden")
    page.fill("#id_finalgrade", points)
    page.click("#id_submitbutton")
    page.wait_for_url("**/grade/report/**")
    page.close()


def copy_course(course: int, short_name: str) -> int:
    """Back the course up with its people and restore it as a new one, on this site; the new course's id."""
    values = {"courseid": course, "fullname": f"Copy {short_name}", "shortname": short_name, "categoryid": 1}
    with_people = {"options[0][name]": "users", "options[0][value]": 1}
    return int(call("core_course_duplicate_course", **values, **with_people)["id"])


def heading(frame: Frame) -> str:
    return frame.locator("h1").inner_text()


def tabs(frame: Frame) -> list[str]:
    return frame.locator(".lectern-tabs li").all_inner_texts()


def open_tab(frame: Frame, name: str) -> None:
    tab = frame.locator(".lectern-tabs").get_by_role("link", name=name, exact=True)
    tab.click()
    frame.locator(".lectern-tabs [aria-current=page]").get_by_text(name, exact=True).wait_for()
