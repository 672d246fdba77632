"""Custom parameters as Moodle sends them: each key twice, variables replaced, unknown variables left as they are.

A tool's own parameters win over those of the activity (moodle-as-platform.md 1.4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.demo.models import Activity, Course, Person, Tool

PLAIN = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Who launches what, and where."""

    issuer: str
    tool: Tool
    course: Course
    person: Person
    activity: Activity | None


def custom_parameters(session: Session, setting: Setting, own: dict[str, str]) -> dict[str, str]:
    """The `custom` claim for parameters of the activity (`own`) and of the tool."""
    values = variables(session, setting)
    sent = {}
    for key, value in {**own, **setting.tool.custom}.items():
        replaced = values.get(value[1:], value) if value.startswith("$") else value
        sent[key] = replaced
        sent[PLAIN.sub("_", key.lower())] = replaced
    return sent | service_addresses(setting)


def variables(session: Session, setting: Setting) -> dict[str, str]:
    """What each variable stands for; one that is absent here stays in the text with its dollar sign."""
    person, course = setting.person, setting.course
    found = {
        "Context.id": str(course.id),
        "Context.title": course.title,
        "Context.label": course.label,
        "Context.id.history": ",".join(str(older) for older in _ancestors(session, course)),
        "CourseSection.sourcedId": course.idnumber,
        "CourseSection.timeFrame.begin": "2026-09-01T00:00:00+00:00",
        "CourseSection.timeFrame.end": "2027-02-28T00:00:00+00:00",
        "User.id": str(person.id),
        "User.username": person.username,
        "Person.sourcedId": person.idnumber,
        "Moodle.Person.userGroupIds": "",
    }
    if setting.activity is not None:
        found |= {"ResourceLink.id": str(setting.activity.id), "ResourceLink.title": setting.activity.title}
    if setting.tool.shares_names:
        found |= {"Person.name.full": person.name}
    if setting.tool.shares_emails:
        found |= {"Person.email.primary": person.email}
    return found


def service_addresses(setting: Setting) -> dict[str, str]:
    """What Moodle adds when a tool may use services; `{link_id}` is Moodle's own oversight."""
    services = f"{setting.issuer}/lti/services"
    tool = setting.tool.id
    return {
        "context_memberships_url": memberships_url(setting.issuer, setting.course.id, tool),
        "link_setting_url": f"{services}/links/{{link_id}}/custom?type_id={tool}",
    }


def memberships_url(issuer: str, course_id: int, tool_id: int) -> str:
    return f"{issuer}/lti/services/CourseSection/{course_id}/bindings/{tool_id}/memberships"


def line_items_url(issuer: str, course_id: int, tool_id: int) -> str:
    return f"{issuer}/lti/services/{course_id}/lineitems?type_id={tool_id}"


def line_item_url(issuer: str, course_id: int, tool_id: int, item_id: int) -> str:
    return f"{issuer}/lti/services/{course_id}/lineitems/{item_id}/lineitem?type_id={tool_id}"


def _ancestors(session: Session, course: Course) -> Iterator[int]:
    while course.copied_from_id is not None:
        yield course.copied_from_id
        course = session.get_one(Course, course.copied_from_id)
