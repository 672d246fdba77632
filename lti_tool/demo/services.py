"""The services of the site over HTTP: line items, scores, results, roster, with Moodle's ways of saying no.

A refusal has the body `[]`. Moodle repeats the sent body as the reason phrase; where that holds a line break, no
status can be sent and the refusal goes out as 200 (moodle-as-platform.md, fact 5).
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.demo import ags, nrps, scopes, scores, tokens
from lti_tool.demo.models import Course, LineItem, Tool
from lti_tool.demo.refusals import Refused, ServiceRefused
from lti_tool.demo.variables import line_item_url, line_items_url, memberships_url
from lti_tool.demo.visitors import View, current_store

blueprint = Blueprint("services", __name__, url_prefix="/lti/services")

P = ParamSpec("P")
ITEMS = "/<int:course_id>/lineitems"
ITEM = f"{ITEMS}/<int:item_id>"
READ_ITEMS = (scopes.LINE_ITEMS, scopes.LINE_ITEMS_READ)


def service(
    *allowed: str,
) -> Callable[[Callable[Concatenate[Session, Tool, P], ResponseReturnValue]], View[P]]:
    """The view gets the tool whose token has one of the scopes; refusals become Moodle's answers."""

    def decorate(view: Callable[Concatenate[Session, Tool, P], ResponseReturnValue]) -> View[P]:
        @wraps(view)
        def run(*arguments: P.args, **named: P.kwargs) -> ResponseReturnValue:
            try:
                with current_store().transaction() as rows:
                    return view(rows, _authorized(rows, allowed), *arguments, **named)
            except ServiceRefused as refused:
                return _refusal(refused.status)

        return run

    return decorate


@blueprint.get(ITEMS)
@service(*READ_ITEMS)
def list_items(rows: Session, tool: Tool, course_id: int) -> ResponseReturnValue:
    _require_type_id(tool)
    _require_accept(ags.CONTAINER_TYPE)
    items = ags.line_items(rows, tool, course_id, request.args)
    limit, start = request.args.get("limit", type=int), request.args.get("from", 0, type=int)
    shown = items[start : start + limit] if limit else items
    answer = _json([ags.as_json(current_store().issuer, item) for item in shown], ags.CONTAINER_TYPE)
    if limit and start + limit < len(items):
        answer.headers["Link"] = _moodle_next(line_items_url(current_store().issuer, course_id, tool.id), limit, start)
    return answer


@blueprint.post(ITEMS)
@service(scopes.LINE_ITEMS)
def create_item(rows: Session, tool: Tool, course_id: int) -> ResponseReturnValue:
    _require_type_id(tool)
    _require_content_type(ags.ITEM_TYPE)
    item = ags.create(rows, tool, course_id, _content())
    return _json(ags.as_json(current_store().issuer, item), ags.ITEM_TYPE, HTTPStatus.CREATED)


@blueprint.get(f"{ITEM}/lineitem")
@service(*READ_ITEMS)
def show_item(rows: Session, tool: Tool, course_id: int, item_id: int) -> ResponseReturnValue:
    _require_accept(ags.ITEM_TYPE)
    return _json(ags.as_json(current_store().issuer, _item(rows, tool, course_id, item_id)), ags.ITEM_TYPE)


@blueprint.put(f"{ITEM}/lineitem")
@service(scopes.LINE_ITEMS)
def replace_item(rows: Session, tool: Tool, course_id: int, item_id: int) -> ResponseReturnValue:
    _require_content_type(ags.ITEM_TYPE)
    item = _item(rows, tool, course_id, item_id)
    ags.replace(rows, tool, item, _content())
    return _json(ags.as_json(current_store().issuer, item), ags.ITEM_TYPE)


@blueprint.delete(f"{ITEM}/lineitem")
@service(scopes.LINE_ITEMS)
def remove_item(rows: Session, tool: Tool, course_id: int, item_id: int) -> ResponseReturnValue:
    ags.remove(rows, _item(rows, tool, course_id, item_id))
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post(f"{ITEM}/lineitem/scores")
@service(scopes.SCORES)
def receive_score(rows: Session, tool: Tool, course_id: int, item_id: int) -> ResponseReturnValue:
    _require_content_type(scores.SCORE_TYPE)
    scores.accept(rows, _item(rows, tool, course_id, item_id), _content())
    return Response(status=HTTPStatus.OK)


@blueprint.get(f"{ITEM}/lineitem/results")
@service(scopes.RESULTS)
def list_results(rows: Session, tool: Tool, course_id: int, item_id: int) -> ResponseReturnValue:
    if "limit" in request.args:
        # Moodle breaks off with a fatal error, which its web server shows as a page.
        raise Refused("The page could not be found.", HTTPStatus.NOT_FOUND)
    _require_accept(scores.RESULTS_TYPE)
    item = _item(rows, tool, course_id, item_id)
    url = line_item_url(current_store().issuer, course_id, tool.id, item_id)
    return _json(scores.results(url, rows, item, request.args.get("user_id")), scores.RESULTS_TYPE)


@blueprint.get("/CourseSection/<int:course_id>/bindings/<int:tool_id>/memberships")
@service(scopes.ROSTER)
def memberships(rows: Session, tool: Tool, course_id: int, tool_id: int) -> ResponseReturnValue:
    if tool.id != tool_id:
        raise ServiceRefused("another tool's binding", HTTPStatus.UNAUTHORIZED)
    _require_accept(nrps.MEMBERS_TYPE, or_anything=True)
    role, link_id = request.args.get("role"), request.args.get("rlid")
    members = nrps.roster(rows, tool, course_id, role=role, link_id=link_id)
    limit, start = request.args.get("limit", type=int), request.args.get("from", 0, type=int)
    shown = members[start : start + limit] if limit else members
    url = memberships_url(current_store().issuer, course_id, tool_id)
    answer = _json(nrps.container(url, rows.get_one(Course, course_id), shown), nrps.MEMBERS_TYPE)
    if limit and start + limit < len(members):
        # Moodle forgets the role on the way to the next page.
        answer.headers["Link"] = f'<{url}?{urlencode({"limit": limit, "from": start + limit})}>; rel="next"'
    return answer


def _authorized(rows: Session, allowed: tuple[str, ...]) -> Tool:
    tool = tokens.tool_of(rows, request.headers.get("Authorization", ""), allowed=allowed)
    if tool is None:
        raise ServiceRefused("no token with that scope", HTTPStatus.UNAUTHORIZED)
    return tool


def _item(rows: Session, tool: Tool, course_id: int, item_id: int) -> LineItem:
    _require_type_id(tool)
    return ags.line_item(rows, tool, course_id, item_id)


def _require_type_id(tool: Tool) -> None:
    if request.args.get("type_id") != str(tool.id):
        raise ServiceRefused("wrong type_id", HTTPStatus.UNAUTHORIZED)


def _require_accept(media_type: str, *, or_anything: bool = False) -> None:
    """Exactly the type or no header at all; lists and wildcards are refused."""
    accepted = {None, media_type, "*/*"} if or_anything else {None, media_type}
    if request.headers.get("Accept") not in accepted:
        raise ServiceRefused("wrong Accept")


def _require_content_type(media_type: str) -> None:
    if request.mimetype != media_type:
        raise ServiceRefused("wrong Content-Type")


def _content() -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise ServiceRefused("no JSON") from error


def _refusal(status: HTTPStatus) -> Response:
    body = request.get_data(as_text=True)
    if "\n" in body or "\r" in body:
        return Response("[]", HTTPStatus.OK, mimetype="application/json")
    phrase = body if status == HTTPStatus.BAD_REQUEST and body.isascii() and body else status.phrase
    return Response("[]", f"{status.value} {phrase}", mimetype="application/json")


def _json(content: Any, media_type: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(content, separators=(",", ":")), status, content_type=media_type)


def _moodle_next(url: str, limit: int, start: int) -> str:
    """Moodle writes typographic quotation marks and an escaped ampersand into this header, as UTF-8."""
    written = f"<{url}&amp;limit={limit}&amp;from={start + limit}>; rel=\u201dnext\u201d"
    return written.encode().decode("latin-1")
