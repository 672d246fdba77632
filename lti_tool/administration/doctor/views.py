"""The doctor's page: what can be seen at once, and the questions to the platform when somebody asks for them."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.doctor.checks import local_checks
from lti_tool.administration.doctor.platforms import platform_checks
from lti_tool.lti.models import Registration
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_doctor", __name__, "site/doctor")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def page(viewer: Viewer) -> ResponseReturnValue:
    """The local checks."""
    checks = local_checks(current_runtime(), db.session())
    return render_template("administration/doctor.html", checks=checks, asked=False)


@blueprint.post("/")
@guarded(Capability.ADMINISTER)
def ask_platform(viewer: Viewer) -> ResponseReturnValue:
    """All checks, those of the viewer's own platform included."""
    session, runtime = db.session(), current_runtime()
    own = select(Registration.platform_id).where(Registration.id == viewer.registration_id)
    platform_id = session.scalars(own).one()
    checks = [*local_checks(runtime, session), *platform_checks(runtime, session, platform_id)]
    return render_template("administration/doctor.html", checks=checks, asked=True)
