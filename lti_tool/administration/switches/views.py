"""The switches page: turn off, turn on, and see it proven."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.audit import record
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.settings.changes import audit_change
from lti_tool.administration.switches.proof import Proof, features_of, prove
from lti_tool.errors import InvalidInput
from lti_tool.lti.models import Registration
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.setting import Setting
from lti_tool.site_settings.store import read, write
from lti_tool.site_settings.switches import SWITCHES
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_switches", __name__, "site/switches")
ALL = (ENABLED, *SWITCHES.values())


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def table(viewer: Viewer) -> ResponseReturnValue:
    """Every switch of the site."""
    return _page()


@blueprint.post("/turn")
@guarded(Capability.ADMINISTER)
def turn(viewer: Viewer) -> ResponseReturnValue:
    """Turn one switch; it counts from the next call on, on every node."""
    session, switch = db.session(), _switch()
    change = write(session, switch, switch.kind.parse(request.form.get("to", "")))
    if change is not None:
        audit_change(session, viewer, change)
    notify(_("Switched."))
    return redirect(url_for("site_switches.table"), 303)


@blueprint.post("/prove")
@guarded(Capability.ADMINISTER)
def prove_switch(viewer: Viewer) -> ResponseReturnValue:
    """Make the calls of a switch without sending them, with the switch on and off."""
    session, switch = db.session(), _switch()
    registration = session.get_one(Registration, viewer.registration_id)
    proofs = prove(session, current_runtime().secrets, registration, switch, features_of(switch))
    record(
        session,
        "switch.proven",
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="setting",
        object_id=switch.key,
        details={"holds": all(proof.holds for proof in proofs)},
    )
    return _page(switch, proofs)


def _switch() -> Setting[bool]:
    key = request.form.get("switch", "")
    for switch in ALL:
        if switch.key == key:
            return switch
    raise InvalidInput("setting_unknown", "There is no switch named %(key)s.", {"key": f"{key[:60]!r}"})


def _page(proven: Setting[bool] | None = None, proofs: Sequence[Proof] = ()) -> ResponseReturnValue:
    states = [(switch, read(db.session(), switch)) for switch in ALL]
    return render_template("administration/switches.html", states=states, proven=proven, proofs=proofs, labels=SWITCHES)
