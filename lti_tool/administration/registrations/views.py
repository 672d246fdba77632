"""The platforms page."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.registrations.platforms import (
    deployments_of,
    give_deployment,
    invitation_link,
    registration_for,
    registrations_of,
    set_status,
)
from lti_tool.lti.invitations import LIFETIME
from lti_tool.lti.models import RegistrationStatus
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_registrations", __name__, "site/platforms")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def table(viewer: Viewer) -> ResponseReturnValue:
    """The registrations of this platform."""
    return _page(viewer)


@blueprint.post("/<int:registration_id>/status")
@guarded(Capability.ADMINISTER)
def status(viewer: Viewer, registration_id: int) -> ResponseReturnValue:
    """Disable or enable a registration; a disabled one can neither launch nor be called."""
    session = db.session()
    registration = registration_for(session, viewer, registration_id)
    disable = request.form.get("to") == RegistrationStatus.DISABLED
    set_status(session, viewer, registration, RegistrationStatus.DISABLED if disable else RegistrationStatus.ACTIVE)
    notify(_("Disabled.") if disable else _("Enabled."))
    return redirect(url_for("site_registrations.table"), 303)


@blueprint.post("/<int:registration_id>/deployments")
@guarded(Capability.ADMINISTER)
def deployment(viewer: Viewer, registration_id: int) -> ResponseReturnValue:
    """Add a deployment id, which the platform did not name or made later."""
    session = db.session()
    registration = registration_for(session, viewer, registration_id)
    give_deployment(session, viewer, registration, request.form.get("deployment_id", "").strip())
    notify(_("Added."))
    return redirect(url_for("site_registrations.table"), 303)


@blueprint.post("/invite")
@guarded(Capability.ADMINISTER)
def invite(viewer: Viewer) -> ResponseReturnValue:
    """Show a new invitation, once: only its use is stored."""
    runtime, allow_private = current_runtime(), request.form.get("private") == "yes"
    link = invitation_link(db.session(), viewer, runtime.settings, runtime.secrets, allow_private=allow_private)
    return _page(viewer, link)


def _page(viewer: Viewer, link: str = "") -> ResponseReturnValue:
    found = registrations_of(db.session(), viewer)
    return render_template(
        "administration/registrations.html",
        registrations=found,
        deployments=deployments_of(db.session(), found),
        own_id=viewer.registration_id,
        link=link,
        days=LIFETIME.days,
    )
