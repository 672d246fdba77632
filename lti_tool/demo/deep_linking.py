"""Deep linking: the request that opens the tool's picker, and the strict reading of what comes back.

Moodle looks at the issuer, the signature and the times alone (moodle-as-platform.md 1.9); this site checks the
audience, the nonce, the deployment and the message type too, and takes all items or none.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import jwt
from sqlalchemy.orm import Session

from lti_tool.demo import keys
from lti_tool.demo.models import Activity, LineItem, Tool
from lti_tool.demo.refusals import Refused
from lti_tool.demo.store import use_once
from lti_tool.demo.variables import Setting

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
GREATEST_MAXIMUM = 100
REQUIRED = ["iss", "aud", "exp", "iat", "nonce"]


def request_claims(setting: Setting, return_url: str) -> dict[str, Any]:
    """The claims that a picker needs; Moodle sends no `data`."""
    settings = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_multiple": True,
        "auto_create": False,
        "accept_unsigned": False,
        "title": setting.tool.name,
        "text": setting.tool.description,
        "deep_link_return_url": return_url,
    }
    return {f"{DEEP_LINKING_CLAIM}deep_linking_settings": settings}


def accept_response(session: Session, issuer: str, tool: Tool, course_id: int, token: str) -> list[Activity]:
    """Make the activities that the tool's signed response names; raises Refused and makes none."""
    claims = _verified(session, issuer, tool, token)
    items = claims.get(f"{DEEP_LINKING_CLAIM}content_items", [])
    _require(isinstance(items, list), "The content items are not a list.")
    checked = [_checked(item) for item in items]
    return [_create(session, tool, course_id, item) for item in checked]


def _verified(session: Session, issuer: str, tool: Tool, token: str) -> dict[str, Any]:
    try:
        claims = keys.verify_tool(tool, token, audience=issuer, required=REQUIRED)
    except jwt.PyJWTError as error:
        raise Refused(f"The tool's response cannot be trusted: {error}") from error
    _require(claims["iss"] == tool.client_id, "The response is not from the tool that was asked.")
    _require(claims.get(f"{CLAIM}deployment_id") == str(tool.id), "The response is for another deployment.")
    _require(claims.get(f"{CLAIM}message_type") == "LtiDeepLinkingResponse", "This is not a deep linking response.")
    _require(claims.get(f"{CLAIM}version") == "1.3.0", "The response has another version than 1.3.0.")
    # Moodle sent no `data`, so there is none to give back.
    _require(f"{DEEP_LINKING_CLAIM}data" not in claims, "The response returns data that was never sent.")
    is_first = use_once(session, kind="deep linking nonce", owner=tool.client_id, value=str(claims["nonce"]))
    _require(is_first, "The response was used before.")
    return claims


def _checked(item: Any) -> Mapping[str, Any]:
    _require(isinstance(item, dict) and item.get("type") == "ltiResourceLink", "Only LTI links can be added here.")
    _require(isinstance(item.get("title", ""), str), "A title is not text.")
    _require(_is_web_address(item.get("url")), "An address does not begin with http.")
    _require(_is_flat(item.get("custom", {})), "A custom parameter must be one line of text.")
    if "lineItem" in item:
        _check_line_item(item["lineItem"])
    content: Mapping[str, Any] = item
    return content


def _check_line_item(line_item: Any) -> None:
    _require(isinstance(line_item, dict), "The line item is not an object.")
    maximum = line_item.get("scoreMaximum")
    is_whole = isinstance(maximum, int) and not isinstance(maximum, bool)
    _require(is_whole and 1 <= maximum <= GREATEST_MAXIMUM, "The maximum score must be a whole number from 1 to 100.")
    review = line_item.get("submissionReview", {})
    _require(isinstance(review, dict), "The submission review is not an object.")
    _require(_is_flat(review.get("custom", {})), "A custom parameter of the review must be one line of text.")


def _is_web_address(url: Any) -> bool:
    """An item without one opens the tool's own address."""
    return url is None or (isinstance(url, str) and url.startswith(("https://", "http://")))


def _is_flat(custom: Any) -> bool:
    """A nested value breaks Moodle's page, a new line would smuggle in another parameter."""
    if not isinstance(custom, dict):
        return False
    return all(isinstance(value, str) and "\n" not in value and "\r" not in value for value in custom.values())


def _create(session: Session, tool: Tool, course_id: int, item: Mapping[str, Any]) -> Activity:
    activity = Activity(
        course_id=course_id,
        tool_id=tool.id,
        title=item.get("title") or tool.name,
        text=item.get("text") or "",
        url=item.get("url"),
        custom=item.get("custom", {}),
    )
    session.add(activity)
    session.flush()
    if "lineItem" in item:
        session.add(_line_item(activity, item["lineItem"]))
        session.flush()
    return activity


def _line_item(activity: Activity, asked: Mapping[str, Any]) -> LineItem:
    review = asked.get("submissionReview", {})
    return LineItem(
        course_id=activity.course_id,
        tool_id=activity.tool_id,
        activity_id=activity.id,
        label=activity.title,
        score_maximum=Decimal(asked["scoreMaximum"]),
        resource_id=asked.get("resourceId", ""),
        tag=asked.get("tag", ""),
        review_url=review.get("url"),
        review_custom=review.get("custom", {}),
    )


def _require(is_right: bool, reason: str) -> None:
    if not is_right:
        raise Refused(reason)
