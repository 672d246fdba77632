"""The platform's token for Moodle's web services, and what it unlocks (R172, R182)."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.moodle.token_level import has_token, take_token_away, try_and_keep_token, try_kept_token
from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.moodle.functions import EVERY_FUNCTION
from lti_tool.moodle.site import MoodleSite
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site_moodle", __name__, "site/moodle")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer)


@blueprint.post("/token")
@guarded(Capability.ADMINISTER)
def token(viewer: Viewer) -> ResponseReturnValue:
    """Try the token, keep it if Moodle takes it, and show what it unlocks."""
    try:
        site = try_and_keep_token(current_runtime(), db.session(), viewer, None, request.form.get("token", ""))
    except (InvalidInput, PlatformFailed) as refusal:
        return _page(viewer, refusal=told(refusal)), 400
    return _page(viewer, site=site)


@blueprint.post("/check")
@guarded(Capability.ADMINISTER)
def check(viewer: Viewer) -> ResponseReturnValue:
    """Ask Moodle again what the kept token unlocks."""
    try:
        site = try_kept_token(current_runtime(), db.session(), viewer, None)
    except PlatformFailed as refusal:
        return _page(viewer, refusal=told(refusal))
    return _page(viewer, site=site)


@blueprint.post("/remove")
@guarded(Capability.ADMINISTER)
def remove(viewer: Viewer) -> ResponseReturnValue:
    take_token_away(db.session(), viewer, None)
    notify(_("The token was deleted."))
    return redirect(url_for("site_moodle.page"), 303)


def _page(viewer: Viewer, *, site: MoodleSite | None = None, refusal: str = "") -> str:
    return render_template(
        "moodle/of_site.html",
        has_token=has_token(db.session(), viewer, None),
        site=site,
        refusal=refusal,
        functions=EVERY_FUNCTION,
    )
