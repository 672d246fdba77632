"""The administrator's pages: add a tool by its registration address, activate it, say what it is told of people.

Also the way into the tool's picker, for teachers.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo import oidc, people, registration
from lti_tool.demo.models import Person, Tool, ToolState
from lti_tool.demo.pages import course_frame, enterable
from lti_tool.demo.refusals import Refused
from lti_tool.demo.visitors import View, check_form, current_store, with_person

blueprint = Blueprint("tools", __name__)

P = ParamSpec("P")


def administrator_only(view: Callable[Concatenate[Session, Person, P], ResponseReturnValue]) -> View[P]:
    """The view of the site's administrator; everyone else is refused."""

    @wraps(view)
    def run(rows: Session, person: Person, /, *arguments: P.args, **named: P.kwargs) -> ResponseReturnValue:
        if not person.is_administrator:
            raise Refused(_("Only the administrator can do this."), HTTPStatus.FORBIDDEN)
        return view(rows, person, *arguments, **named)

    return with_person(run)


@blueprint.get("/tools")
@administrator_only
def index(rows: Session, person: Person) -> ResponseReturnValue:
    tools = rows.scalars(select(Tool).order_by(Tool.id)).all()
    return render_template("demo/tools.html", person=person, tools=tools)


@blueprint.post("/tools")
@administrator_only
def add(rows: Session, person: Person) -> ResponseReturnValue:
    """Opens the tool's registration address in a frame with a token that works once."""
    check_form()
    address = registration.invitation(rows, current_store().issuer, request.form.get("address", "").strip())
    return render_template("demo/register.html", person=person, address=address)


@blueprint.post("/tools/<int:tool_id>")
@administrator_only
def change(rows: Session, person: Person, tool_id: int) -> ResponseReturnValue:
    check_form()
    tool = rows.get(Tool, tool_id) or abort(HTTPStatus.NOT_FOUND)
    tool.state = ToolState.ACTIVE if "is_active" in request.form else ToolState.PENDING
    tool.shares_names = "shares_names" in request.form
    tool.shares_emails = "shares_emails" in request.form
    flash(_("%(tool)s is saved.", tool=tool.name))
    return redirect(url_for("tools.index"), HTTPStatus.SEE_OTHER)


@blueprint.get("/course/<int:course_id>/add/<int:tool_id>")
@with_person
def pick(rows: Session, person: Person, course_id: int, tool_id: int) -> ResponseReturnValue:
    """The tool's picker in a frame."""
    tool = _picker(rows, person, course_id, tool_id)
    course = enterable(rows, person, course_id)
    return render_template("demo/pick.html", **course_frame(rows, person, course), tool=tool)


@blueprint.get("/course/<int:course_id>/add/<int:tool_id>/launch")
@with_person
def launch_picker(rows: Session, person: Person, course_id: int, tool_id: int) -> ResponseReturnValue:
    tool = _picker(rows, person, course_id, tool_id)
    fields = oidc.begin_deep_linking(rows, current_store().issuer, person, tool, course_id)
    return render_template("demo/onward.html", action=tool.login_url, fields=fields)


def _picker(rows: Session, person: Person, course_id: int, tool_id: int) -> Tool:
    enterable(rows, person, course_id)
    if not people.may_edit(rows, person, course_id):
        raise Refused(_("Only a teacher can add activities."), HTTPStatus.FORBIDDEN)
    return rows.get(Tool, tool_id) or abort(HTTPStatus.NOT_FOUND)
