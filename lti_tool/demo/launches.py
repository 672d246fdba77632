"""The id_token of a launch: Moodle's claims, signed, valid for sixty seconds (moodle-as-platform.md 1.2)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.demo import deep_linking, keys, people
from lti_tool.demo.models import Activity, Course, LineItem, Message, PendingMessage, Person, Tool
from lti_tool.demo.oidc import coupled_line_item
from lti_tool.demo.scopes import ROSTER, grade_scopes
from lti_tool.demo.variables import Setting, custom_parameters, line_item_url, line_items_url, memberships_url

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
LIFETIME = 60
PRODUCT = {
    "product_family_code": "moodle",
    "version": "4.5 (demo course site)",
    "guid": "lectern-demo",
    "name": "Demo course site",
    "description": "A course site to try Lectern in",
}


def id_token(
    session: Session, issuer: str, message: PendingMessage, *, nonce: str, return_url: str, locale: str = "en"
) -> str:
    """The signed claims of a message whose login was accepted."""
    setting = _setting(session, issuer, message)
    claims = _envelope(setting, message, nonce) | _course_claims(session, setting, return_url, locale)
    claims |= _identity(setting) | _services(session, setting)
    claims |= _message_claims(session, setting, message, return_url)
    return keys.sign(session, claims)


def _setting(session: Session, issuer: str, message: PendingMessage) -> Setting:
    return Setting(
        issuer=issuer,
        tool=session.get_one(Tool, message.tool_id),
        course=session.get_one(Course, message.course_id),
        person=session.get_one(Person, message.person_id),
        activity=session.get(Activity, message.activity_id) if message.activity_id else None,
    )


def _envelope(setting: Setting, message: PendingMessage, nonce: str) -> dict[str, Any]:
    issued = int(now().timestamp())
    return {
        "iss": setting.issuer,
        "aud": setting.tool.client_id,
        "sub": str(setting.person.id),
        "nonce": nonce,
        "iat": issued,
        "exp": issued + LIFETIME,
        f"{CLAIM}message_type": message.message,
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": str(setting.tool.id),
        f"{CLAIM}target_link_uri": message.target_link_uri,
    }


def _course_claims(session: Session, setting: Setting, return_url: str, locale: str) -> dict[str, Any]:
    course = setting.course
    return {
        f"{CLAIM}roles": people.launch_roles(session, setting.person, course.id),
        f"{CLAIM}context": {
            "id": str(course.id),
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        f"{CLAIM}launch_presentation": {
            "locale": locale,
            "document_target": "iframe",
            "return_url": return_url,
        },
        f"{CLAIM}tool_platform": PRODUCT,
        f"{CLAIM}lis": {
            "person_sourcedid": setting.person.idnumber,
            "course_section_sourcedid": course.idnumber,
        },
    }


def _identity(setting: Setting) -> dict[str, Any]:
    """Name and e-mail only if the administrator shares them; the idnumber goes out whatever is shared."""
    person, claims = setting.person, dict[str, Any]()
    extension = {"lms": "moodle-2"}
    if setting.tool.shares_names:
        claims |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
        extension["user_username"] = person.username
    if setting.tool.shares_emails:
        claims["email"] = person.email
    return claims | {f"{CLAIM}ext": extension}


def _services(session: Session, setting: Setting) -> dict[str, Any]:
    """The roster is missing from the first deep linking in a course: Moodle offers it once the tool is used there."""
    tool, course, claims = setting.tool, setting.course, dict[str, Any]()
    if scopes := grade_scopes(tool.scopes):
        claims[AGS_CLAIM] = {"scope": scopes, "lineitems": line_items_url(setting.issuer, course.id, tool.id)}
        item = coupled_line_item(session, setting.activity) if setting.activity else None
        if item is not None:
            claims[AGS_CLAIM]["lineitem"] = line_item_url(setting.issuer, course.id, tool.id, item.id)
    if ROSTER in tool.scopes and _is_used(session, tool, course):
        url = memberships_url(setting.issuer, course.id, tool.id)
        claims[NRPS_CLAIM] = {"context_memberships_url": url, "service_versions": ["1.0", "2.0"]}
    return claims


def _is_used(session: Session, tool: Tool, course: Course) -> bool:
    found = select(Activity.id).where(Activity.tool_id == tool.id, Activity.course_id == course.id)
    return session.scalar(found.limit(1)) is not None


def _message_claims(session: Session, setting: Setting, message: PendingMessage, return_url: str) -> dict[str, Any]:
    if setting.activity is None:
        custom = custom_parameters(session, setting, {})
        return deep_linking.request_claims(setting, return_url) | {f"{CLAIM}custom": custom}
    activity = setting.activity
    link = {"id": str(activity.id), "title": activity.title, "description": activity.text}
    claims: dict[str, Any] = {f"{CLAIM}resource_link": link}
    own = activity.custom
    if message.message == Message.SUBMISSION_REVIEW:
        claims[f"{CLAIM}for_user"] = {"user_id": str(message.reviewed_id)}
        own = own | _review_custom(coupled_line_item(session, activity))
    return claims | {f"{CLAIM}custom": custom_parameters(session, setting, own)}


def _review_custom(item: LineItem | None) -> dict[str, str]:
    return item.review_custom if item else {}
