"""The roster (NRPS v2) with Moodle's answers of section 1.12: short roles, everyone `Active`, no groups.

The idnumber is always sent; name and e-mail only where the administrator shares them.
"""

from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.demo.models import Activity, Course, Enrolment, Tool
from lti_tool.demo.people import participants, roster_role
from lti_tool.demo.refusals import ServiceRefused

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ROLES = {
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor": "Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner": "Learner",
    "Instructor": "Instructor",
    "Learner": "Learner",
}


def roster(session: Session, tool: Tool, course_id: int, *, role: str | None, link_id: str | None) -> list[Any]:
    """The members as JSON; an unknown role means everybody, as in Moodle."""
    if session.get(Course, course_id) is None:
        raise ServiceRefused("no such course", HTTPStatus.NOT_FOUND)
    activity = _activity(session, tool, course_id, link_id) if link_id is not None else None
    wanted = ROLES.get(role or "")
    members = participants(session, course_id)
    chosen = [member for member in members if wanted is None or roster_role(member) == wanted]
    return [_member(tool, member, activity) for member in chosen]


def container(url: str, course: Course, members: list[Any]) -> dict[str, Any]:
    context = {"id": str(course.id), "label": course.label, "title": course.title}
    return {"id": url, "context": context, "members": members}


def _activity(session: Session, tool: Tool, course_id: int, link_id: str) -> Activity:
    activity = session.get(Activity, int(link_id)) if link_id.isdecimal() and len(link_id) < 10 else None
    if activity is None or activity.course_id != course_id or activity.tool_id != tool.id:
        raise ServiceRefused("no such resource link", HTTPStatus.NOT_FOUND)
    return activity


def _member(tool: Tool, enrolment: Enrolment, activity: Activity | None) -> dict[str, Any]:
    person = enrolment.person
    member: dict[str, Any] = {
        "status": "Active",
        "roles": [roster_role(enrolment)],
        "user_id": str(person.id),
        "lis_person_sourcedid": person.idnumber,
    }
    if tool.shares_names:
        member |= {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "ext_user_username": person.username,
        }
    if tool.shares_emails:
        member["email"] = person.email
    if activity is not None:
        claim = "https://purl.imsglobal.org/spec/lti/claim/message_type"
        member["message"] = [{claim: "LtiResourceLinkRequest"}]
    return member
