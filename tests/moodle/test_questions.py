"""A question that a student hands on: its teachers are told by a message in Moodle, whose link leads to the tutor."""

import pytest
from sqlalchemy import select

from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import platform_id_of
from lti_tool.config import Settings
from lti_tool.db import engine_for, transaction
from lti_tool.moodle.tokens import forget_token, keep_token
from lti_tool.runtime import Runtime
from lti_tool.secrets import load_secrets
from lti_tool.tutor.escalation.telling import tell_of_waiting
from tests.moodle import driver
from tests.moodle.conftest import NAMES, Placed, Tool
from tests.moodle.driver import People

EITHER = 2
"""Read or unread."""
pytestmark = pytest.mark.timeout(900)


def hand_on(people: People, tool: Tool, placed: Placed) -> None:
    page, frame = driver.launch(people, "stud5", placed[NAMES["tutor"]], tool.url)
    frame.get_by_role("button", name="I have read this").click()
    frame.fill("#question", "Who won the chess championship?")
    frame.get_by_role("button", name="Send", exact=True).click()
    frame.get_by_role("button", name="Send to the teachers").click()
    frame.get_by_text("Your question is with your teachers").first.wait_for()
    page.close()


def newest_message(to: str) -> str:
    """The latest that the administrator wrote to somebody, as Moodle keeps it."""
    sender = driver.call("core_webservice_get_site_info")["userid"]
    values = {"useridto": driver.user_id(to), "useridfrom": sender, "type": "conversations", "read": EITHER}
    return str(driver.call("core_message_get_messages", **values)["messages"][0]["fullmessage"])


def test_teachers_and_assistants_are_told_in_moodle(
    people: People, tool: Tool, placed: Placed, settings_of_tool: Settings, database: str
) -> None:
    for user in ("teach1", "ta1"):
        driver.launch(people, user, placed[NAMES["tutor"]], tool.url)[0].close()
    hand_on(people, tool, placed)
    engine = engine_for(database)
    runtime = Runtime(settings=settings_of_tool, engine=engine, secrets=load_secrets(settings_of_tool.keys_dir))
    with transaction(engine) as session:
        course = session.scalars(select(Course).where(Course.context_id == str(placed.course))).one()
        where = {"platform_id": platform_id_of(course), "course_id": course.id}
        keep_token(session, runtime.secrets, driver.seed()["admin_token"], **where)
    tell_of_waiting(runtime, where["course_id"])
    with transaction(engine) as session:
        forget_token(session, **where)
    engine.dispose()
    for user in ("teach1", "ta1"):
        told = newest_message(user)
        assert "“General chemistry”" in told and driver.address(placed[NAMES["tutor"]]) in told
        assert "chess" not in told and "Tom" not in told
