"""The login: what the site sends to the tool to begin, and what it demands of the tool's answer.

Third-party initiated login of the 1EdTech security framework 5.1.1, with Moodle's rules (moodle-as-platform.md 1.1).
The message hint works once.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.demo.models import Activity, LineItem, Message, PendingMessage, Person, Tool, ToolState
from lti_tool.demo.refusals import LoginRefused, Refused

HINT_LIFETIME = timedelta(minutes=10)


def begin_activity(session: Session, issuer: str, person: Person, activity: Activity) -> dict[str, str]:
    """The login request that opens an activity."""
    message = _pending(Message.RESOURCE_LINK, person, activity.tool, activity.course_id)
    message.activity_id = activity.id
    message.target_link_uri = activity.url or activity.tool.target_link_uri
    return _login_request(session, issuer, activity.tool, message)


def begin_deep_linking(session: Session, issuer: str, person: Person, tool: Tool, course_id: int) -> dict[str, str]:
    """The login request that opens the tool's picker."""
    message = _pending(Message.DEEP_LINKING, person, tool, course_id)
    message.target_link_uri = tool.deep_linking_url or tool.target_link_uri
    return _login_request(session, issuer, tool, message)


def begin_review(session: Session, issuer: str, person: Person, activity: Activity, reviewed_id: int) -> dict[str, str]:
    """The login request that opens one student's work. Like Moodle it asks for no right: the tool must."""
    message = _pending(Message.SUBMISSION_REVIEW, person, activity.tool, activity.course_id)
    message.activity_id = activity.id
    message.reviewed_id = reviewed_id
    item = coupled_line_item(session, activity)
    own = item.review_url if item else None
    message.target_link_uri = own or activity.url or activity.tool.target_link_uri
    return _login_request(session, issuer, activity.tool, message)


def coupled_line_item(session: Session, activity: Activity) -> LineItem | None:
    """The activity's own column, if there is exactly one."""
    items = session.scalars(select(LineItem).where(LineItem.activity_id == activity.id)).all()
    return items[0] if len(items) == 1 else None


def _pending(message: Message, person: Person, tool: Tool, course_id: int) -> PendingMessage:
    if tool.state != ToolState.ACTIVE:
        raise Refused("The administrator has not activated this tool yet.")
    return PendingMessage(
        hint=f"launch_{secrets.token_urlsafe(16)}",
        message=message,
        person_id=person.id,
        tool_id=tool.id,
        course_id=course_id,
        expires_at=now() + HINT_LIFETIME,
    )


def _login_request(session: Session, issuer: str, tool: Tool, message: PendingMessage) -> dict[str, str]:
    session.add(message)
    hint = {"launchid": message.hint}
    if message.activity_id is not None:
        hint = {"cmid": str(message.activity_id), **hint}
    return {
        "iss": issuer,
        "target_link_uri": message.target_link_uri,
        "login_hint": str(message.person_id),
        "lti_message_hint": json.dumps(hint),
        "client_id": tool.client_id,
        "lti_deployment_id": str(tool.id),
    }


def accept(session: Session, asked: Mapping[str, str], person: Person) -> PendingMessage:
    """The message the tool may have now; raises Refused (an error page) or LoginRefused (back to the tool)."""
    message = _take(session, asked.get("lti_message_hint", ""))
    redirect_uri = asked.get("redirect_uri", "")
    _require(redirect_uri in message.tool.redirect_uris, "The redirect address is not registered.")
    _require(asked.get("scope") == "openid", "The scope must be exactly openid.")
    _require(asked.get("response_type") == "id_token", "The response type must be id_token.")
    _require(bool(asked.get("nonce")), "A nonce is required.")
    _refuse_at_tool(asked, message, person)
    return message


def _refuse_at_tool(asked: Mapping[str, str], message: PendingMessage, person: Person) -> None:
    checks = (
        (asked.get("client_id") == message.tool.client_id, "unauthorized_client", "Unknown client id"),
        (asked.get("response_mode") == "form_post", "invalid_request", "The response mode must be form_post"),
        (asked.get("prompt", "") in {"", "none"}, "invalid_request", "The prompt must be none"),
        (asked.get("login_hint") == str(person.id) == str(message.person_id), "access_denied", "Another person"),
    )
    for is_right, error, description in checks:
        if not is_right:
            raise LoginRefused(asked["redirect_uri"], asked.get("state"), error, description)


def _take(session: Session, hint: str) -> PendingMessage:
    try:
        key = str(json.loads(hint)["launchid"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("The message hint is missing or not ours.") from error
    message = session.get(PendingMessage, key)
    _require(message is not None, "The message hint is unknown or was used before.")
    taken = delete(PendingMessage).where(PendingMessage.hint == key).returning(PendingMessage.expires_at)
    expires_at = session.scalar(taken.execution_options(synchronize_session=False))
    _require(expires_at is not None and expires_at > now(), "The message hint has expired.")
    assert message is not None
    session.expunge(message)
    return message


def _require(is_right: bool, reason: str) -> None:
    if not is_right:
        raise Refused(reason)
