"""What a tool and its browser talk to: authorization, deep linking return, keys, tokens, registration."""

import json
from http import HTTPStatus

from flask import Blueprint, Response, abort, flash, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy.orm import Session

from lti_tool.demo import deep_linking, keys, launches, oidc, people, registration, tokens
from lti_tool.demo.models import Message, PendingMessage, Person, Tool
from lti_tool.demo.refusals import Refused
from lti_tool.demo.visitors import (
    current_store,
    language_of_launches,
    require_sesskey,
    sesskey,
    signed_in,
    with_session,
)

blueprint = Blueprint("lti", __name__, url_prefix="/lti")


@blueprint.route("/auth", methods=["GET", "POST"])
@with_session
def auth(rows: Session) -> ResponseReturnValue:
    """The authorization endpoint: answers a good request with a signed message, sent by the browser."""
    person = signed_in(rows)
    if person is None:
        return repost_or_refuse()
    message = oidc.accept(rows, request.values, person)
    store = current_store()
    fields = {
        "id_token": launches.id_token(
            rows,
            store.issuer,
            message,
            nonce=request.values["nonce"],
            return_url=_return_url(message),
            locale=language_of_launches(),
        )
    }
    if "state" in request.values:
        fields["state"] = request.values["state"]
    return render_template("demo/onward.html", action=request.values["redirect_uri"], fields=fields)


@blueprint.post("/deep-link-return")
@with_session
def deep_link_return(rows: Session) -> ResponseReturnValue:
    """What the teacher chose in the tool comes back, signed by the tool, through the teacher's browser."""
    person = signed_in(rows)
    if person is None:
        return repost_or_refuse()
    require_sesskey(request.args.get("sesskey", ""))
    course_id, tool = _return_target(rows, person)
    made = deep_linking.accept_response(rows, current_store().issuer, tool, course_id, request.form.get("JWT", ""))
    count = len(made)
    flash(ngettext("%(num)d activity was added.", "%(num)d activities were added.", count))
    return render_template("demo/added.html", count=count, course_id=course_id)


@blueprint.get("/certs")
@with_session
def certs(rows: Session) -> ResponseReturnValue:
    return jsonify(keys.published_keys(rows))


@blueprint.post("/token")
@with_session
def token(rows: Session) -> ResponseReturnValue:
    """Like Moodle: JSON that calls itself HTML, every error a 400."""
    try:
        answer = tokens.grant(rows, f"{current_store().issuer}/lti/token", request.form)
    except tokens.TokenRefused as refused:
        # The description goes in unescaped, so an error about "kid" is not JSON: a tool must survive that.
        body = f'{{"error" : "{refused.error}", "error_description" : "{refused.description}"}}'
        return Response(body, HTTPStatus.BAD_REQUEST, mimetype="text/html")
    return Response(json.dumps(answer), mimetype="text/html")


@blueprint.get("/openid-configuration")
def openid_configuration() -> ResponseReturnValue:
    return jsonify(registration.openid_configuration(current_store().issuer))


@blueprint.post("/registration")
@with_session
def register(rows: Session) -> ResponseReturnValue:
    """Errors are plain words, as Moodle's are."""
    authorization = request.headers.get("Authorization", "")
    asked = request.get_json(force=True, silent=True)
    try:
        return jsonify(registration.register(rows, current_store().issuer, authorization, asked))
    except registration.RegistrationTokenRefused as refused:
        return Response(str(refused), HTTPStatus.UNAUTHORIZED, mimetype="text/html")
    except Refused as refused:
        return Response(refused.reason, HTTPStatus.BAD_REQUEST, mimetype="text/html")


def repost_or_refuse() -> ResponseReturnValue:
    """A browser keeps our cookie back from a post that another site began, so the page posts itself once more."""
    if "repost" in request.values:
        raise Refused("Nobody is signed in.", HTTPStatus.FORBIDDEN)
    fields = {**request.form, "repost": "true"}
    return render_template("demo/onward.html", action=request.full_path.rstrip("?"), fields=fields)


def _return_url(message: PendingMessage) -> str:
    """Carries the browser session's key, as Moodle's does: tools must never log it."""
    issuer = current_store().issuer
    if message.message == Message.DEEP_LINKING:
        path = url_for("lti.deep_link_return", course=message.course_id, id=message.tool_id, sesskey=sesskey())
    else:
        path = url_for("pages.course", course_id=message.course_id, sesskey=sesskey())
    return f"{issuer}{path}"


def _return_target(rows: Session, person: Person) -> tuple[int, Tool]:
    course_id = request.args.get("course", type=int) or 0
    tool = rows.get(Tool, request.args.get("id", type=int) or 0) or abort(HTTPStatus.NOT_FOUND)
    if not people.may_edit(rows, person, course_id):
        raise Refused("Only a teacher can add activities.", HTTPStatus.FORBIDDEN)
    return course_id, tool
