"""The columns of the gradebook as the tool sees them (AGS line items), with Moodle's answers of section 1.11."""

import re
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.demo.models import Activity, LineItem, Tool
from lti_tool.demo.refusals import ServiceRefused
from lti_tool.demo.variables import line_item_url

CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
FILTERS = {"resource_id": LineItem.resource_id, "tag": LineItem.tag}


def line_items(session: Session, tool: Tool, course_id: int, filters: Mapping[str, str]) -> list[LineItem]:
    """The tool's columns in the course."""
    found = select(LineItem).where(LineItem.tool_id == tool.id, LineItem.course_id == course_id)
    for name, column in FILTERS.items():
        if name in filters:
            found = found.where(column == filters[name])
    if "resource_link_id" in filters:
        found = found.where(LineItem.activity_id == _number(filters["resource_link_id"]))
    return list(session.scalars(found.order_by(LineItem.id)))


def line_item(session: Session, tool: Tool, course_id: int, item_id: int) -> LineItem:
    """One of the tool's own columns; raises ServiceRefused (404)."""
    item = session.get(LineItem, item_id)
    if item is None or item.tool_id != tool.id or item.course_id != course_id:
        raise ServiceRefused("no such line item", HTTPStatus.NOT_FOUND)
    return item


def create(session: Session, tool: Tool, course_id: int, content: Any) -> LineItem:
    """A new column, on its own or belonging to an activity of the same tool and course."""
    values = _checked(content)
    activity_id = _activity_id(session, tool, course_id, values)
    item = LineItem(tool_id=tool.id, course_id=course_id, activity_id=activity_id, **_columns(values))
    session.add(item)
    session.flush()
    return item


def replace(session: Session, tool: Tool, item: LineItem, content: Any) -> None:
    """What is not sent is erased, the tie to the activity and the review address included."""
    values = _checked(content)
    item.activity_id = _activity_id(session, tool, item.course_id, values)
    for name, value in _columns(values).items():
        setattr(item, name, value)


def remove(session: Session, item: LineItem) -> None:
    """Moodle deletes even the activity's own column, and its grades with it."""
    session.execute(delete(LineItem).where(LineItem.id == item.id))


def as_json(issuer: str, item: LineItem) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": line_item_url(issuer, item.course_id, item.tool_id, item.id),
        "label": item.label,
        "scoreMaximum": as_number(item.score_maximum),
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    if item.activity_id is not None:
        content |= {"resourceLinkId": str(item.activity_id), "ltiLinkId": str(item.activity_id)}
    if item.review_url is not None:
        content["submissionReview"] = {"url": item.review_url, "custom": item.review_custom}
    return content


def as_number(value: Decimal) -> int | float:
    """A whole number without a decimal point, as Moodle writes it."""
    return int(value) if value == value.to_integral_value() else float(value)


def _checked(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict) or not isinstance(content.get("label"), str):
        raise ServiceRefused("no label")
    maximum = content.get("scoreMaximum")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not 0 < maximum < 1e6:
        raise ServiceRefused("no scoreMaximum")
    values: Mapping[str, Any] = content
    return values


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    review = values.get("submissionReview") or {}
    return {
        "label": values["label"],
        "score_maximum": Decimal(str(values["scoreMaximum"])),
        "resource_id": str(values.get("resourceId") or ""),
        "tag": str(values.get("tag") or ""),
        "review_url": review.get("url"),
        "review_custom": review.get("custom") or {},
    }


def _activity_id(session: Session, tool: Tool, course_id: int, values: Mapping[str, Any]) -> int | None:
    named = values.get("resourceLinkId")
    if named is None:
        return None
    activity = session.get(Activity, _number(str(named)))
    if activity is None or activity.tool_id != tool.id or activity.course_id != course_id:
        raise ServiceRefused("no such resource link", HTTPStatus.FORBIDDEN)
    return activity.id


def _number(text: str) -> int:
    """The number of an id; an id that is not ours matches nothing."""
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0
