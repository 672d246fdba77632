"""Where an administrator registers the tool: the platform's dialogue, or a form with the values to copy."""

from flask import Blueprint, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.errors import InvalidInput
from lti_tool.launch.registration.description import description
from lti_tool.launch.registration.registering import register_by_hand, register_dynamically
from lti_tool.lti.invitations import open_invitation
from lti_tool.web.csrf import require_own_origin
from lti_tool.web.database import db
from lti_tool.web.runtime import current_runtime

public_blueprint = Blueprint("registration", __name__, url_prefix="/lti")

PLATFORM_FRAMES = ("https:", "http:")
"""The platform that frames its registration dialogue is not known before it has registered."""


@public_blueprint.before_request
def allow_the_dialogue() -> None:
    g.frame_origins = PLATFORM_FRAMES


@public_blueprint.get("/config.json")
def config() -> ResponseReturnValue:
    """The tool described for platforms that take JSON (Canvas)."""
    return jsonify(description(current_runtime().settings))


@public_blueprint.get("/register")
def register() -> ResponseReturnValue:
    """With a platform's configuration: register and say what was asked for. Without: the form."""
    runtime = current_runtime()
    invitation = request.args.get("invitation", "")
    configuration_url = request.args.get("openid_configuration")
    if configuration_url is None:
        open_invitation(db.session(), runtime.secrets, invitation)
        return _form_page(invitation, error=None)
    registered = register_dynamically(
        db.session(),
        runtime.settings,
        runtime.secrets,
        invitation_token=invitation,
        configuration_url=configuration_url,
        registration_token=request.args.get("registration_token"),
    )
    return render_template(
        "launch/registered.html",
        endpoints=registered.endpoints,
        deployment_id=registered.deployment_id,
        scopes=registered.requested_scopes,
        by_dialogue=True,
    )


@public_blueprint.post("/register")
def register_typed() -> ResponseReturnValue:
    """The form, filled in."""
    require_own_origin()
    runtime = current_runtime()
    invitation = request.form.get("invitation", "")
    try:
        registration = register_by_hand(
            db.session(),
            runtime.settings,
            runtime.secrets,
            invitation_token=invitation,
            fields=request.form.to_dict(),
        )
    except InvalidInput as error:
        return _form_page(invitation, error=error), 422
    return render_template("launch/registered.html", endpoints=None, registration=registration, by_dialogue=False)


def _form_page(invitation: str, error: InvalidInput | None) -> str:
    tool = description(current_runtime().settings)
    return render_template(
        "launch/register.html", tool=tool, invitation=invitation, error=error, typed=request.form.to_dict()
    )
