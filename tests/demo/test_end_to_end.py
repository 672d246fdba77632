"""The tool and the course site, each unaware of the other's code, over real HTTP."""

import requests
from sqlalchemy import select

from lti_tool.accounts.models import BoundLaunch, Course, Placement, Role
from lti_tool.db import transaction
from lti_tool.demo.models import Activity, LineItem, Tool
from lti_tool.demo.server import DemoPlatform
from lti_tool.lti.models import Deployment, Platform
from tests.fakes.browserless import Browserless
from tests.fixtures.live import LiveTool
from tests.fixtures.patience import PATIENCE


def picked(browser: Browserless, *kinds: str, course_id: int = 1, username: str = "teresa") -> list[Activity]:
    """Add activities through the tool's picker; returns all of the course."""
    page = browser.pick_as(username, course_id)
    added = browser.submit(page, "/lti/deep-link", {"kind": list(kinds)})
    assert "added" in added.heading, added.text
    with browser.platform.store.transaction() as rows:
        return list(rows.scalars(select(Activity).where(Activity.course_id == course_id).order_by(Activity.id)))


def last_launch(tool: LiveTool) -> BoundLaunch:
    with transaction(tool.runtime.engine) as session:
        return session.scalars(select(BoundLaunch).order_by(BoundLaunch.created_at.desc()).limit(1)).one()


def test_registration_makes_each_known_to_the_other(joined_site: Browserless, live_tool: LiveTool) -> None:
    with joined_site.platform.store.transaction() as rows:
        registered = rows.scalars(select(Tool)).one()
    with transaction(live_tool.runtime.engine) as session:
        platform = session.scalars(select(Platform)).one()
        deployment = session.scalars(select(Deployment)).one()
    assert registered.login_url == f"{live_tool.url}/lti/login"
    assert platform.issuer == joined_site.platform.url
    assert deployment.deployment_id == str(registered.id)


def test_an_invitation_registers_one_platform(joined_site: Browserless, live_tool: LiveTool) -> None:
    address = live_tool.invitation()
    assert joined_site.register(address).status == 200
    assert joined_site.register(address).status == 403


def test_the_picker_places_all_four_kinds(joined_site: Browserless) -> None:
    made = picked(joined_site, "tutor", "activity", "exam", "dashboard")
    assert len({activity.custom["placement"] for activity in made}) == 4
    with joined_site.platform.store.transaction() as rows:
        items = rows.scalars(select(LineItem)).all()
    assert {item.tag for item in items} == {"activity", "exam"}
    assert all(item.review_url and item.resource_id for item in items)


def test_cancelling_the_picker_adds_nothing(joined_site: Browserless) -> None:
    page = joined_site.pick_as("teresa")
    assert "0 activities" in joined_site.submit(page, "/lti/deep-link", {"cancel": "yes"}).heading


def test_a_student_a_teacher_and_a_non_editing_teacher_open_the_tutor(
    joined_site: Browserless, live_tool: LiveTool
) -> None:
    [tutor] = picked(joined_site, "tutor")
    for username, role in (("amira", Role.STUDENT), ("teresa", Role.TEACHER), ("nora", Role.TEACHER)):
        page = joined_site.launch_as(username, tutor.id)
        assert page.status == 200 and page.url.startswith(f"{live_tool.url}/l/")
        assert last_launch(live_tool).role == role


def test_the_administrator_is_recognised(joined_site: Browserless, live_tool: LiveTool) -> None:
    [tutor] = picked(joined_site, "tutor")
    joined_site.launch_as("admin", tutor.id)
    assert last_launch(live_tool).role == Role.ADMINISTRATOR


def test_a_launch_belongs_to_the_browser_that_made_it(joined_site: Browserless) -> None:
    [tutor] = picked(joined_site, "tutor")
    page = joined_site.launch_as("amira", tutor.id)
    assert requests.get(page.url, timeout=PATIENCE).status_code in {401, 403, 404}


def test_a_copied_course_gets_placements_of_its_own(joined_site: Browserless, live_tool: LiveTool) -> None:
    [tutor] = picked(joined_site, "tutor")
    joined_site.launch_as("teresa", tutor.id)
    joined_site.submit(joined_site.open("/course/1"), "/course/1/copy")
    page = joined_site.launch_as("teresa", tutor.id + 1)
    assert page.status == 200
    with transaction(live_tool.runtime.engine) as session:
        courses = {course.context_id: course.id for course in session.scalars(select(Course))}
        copied = session.scalars(select(Placement).where(Placement.course_id == courses["3"])).one()
    assert str(copied.copied_from_id) == tutor.custom["placement"]


def test_a_pending_tool_is_not_offered_to_teachers(demo_platform: DemoPlatform, live_tool: LiveTool) -> None:
    browser = Browserless(demo_platform)
    browser.register(live_tool.invitation())
    browser.be("teresa")
    assert "No tool is active" in browser.open("/course/1").text
