"""Reading the course from Moodle: the teacher's own token, what it unlocks, and a reading now."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.importing import Actor
from lti_tool.content.moodle.state import moodle_standing
from lti_tool.content.moodle.tasks import ask_for_reading
from lti_tool.content.moodle.token_level import has_token, take_token_away, try_and_keep_token, try_kept_token
from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.moodle.functions import EVERY_FUNCTION
from lti_tool.moodle.site import MoodleSite
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("material_moodle", __name__, "material/moodle")


@blueprint.get("")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer)


@blueprint.post("/token")
@guarded(Capability.MANAGE)
def token(viewer: Viewer) -> ResponseReturnValue:
    """Try the token, keep it if Moodle takes it, and show what it unlocks."""
    try:
        text = request.form.get("token", "")
        site = try_and_keep_token(current_runtime(), db.session(), viewer, viewer.course_id, text)
    except (InvalidInput, PlatformFailed) as refusal:
        return _page(viewer, refusal=told(refusal)), 400
    return _page(viewer, site=site)


@blueprint.post("/check")
@guarded(Capability.MANAGE)
def check(viewer: Viewer) -> ResponseReturnValue:
    """Ask Moodle again what the kept token unlocks."""
    try:
        site = try_kept_token(current_runtime(), db.session(), viewer, viewer.course_id)
    except PlatformFailed as refusal:
        return _page(viewer, refusal=told(refusal))
    return _page(viewer, site=site)


@blueprint.post("/remove")
@guarded(Capability.MANAGE)
def remove(viewer: Viewer) -> ResponseReturnValue:
    take_token_away(db.session(), viewer, viewer.course_id)
    notify(_("The token was deleted."))
    return redirect(url_for("material_moodle.page"), 303)


@blueprint.post("/read")
@guarded(Capability.MANAGE)
def read(viewer: Viewer) -> ResponseReturnValue:
    """Read the whole course now (R46)."""
    session = db.session()
    if not moodle_standing(session, viewer.course_id).has_token:
        raise InvalidInput("no_token", _("Enter a token first."))
    ask_for_reading(session, viewer.course_id, Actor.of(viewer), is_full=True)
    return redirect(url_for("material.table"), 303)


def _page(viewer: Viewer, *, site: MoodleSite | None = None, refusal: str = "") -> str:
    return render_template(
        "moodle/of_course.html",
        has_token=has_token(db.session(), viewer, viewer.course_id),
        moodle=moodle_standing(db.session(), viewer.course_id),
        site=site,
        refusal=refusal,
        functions=EVERY_FUNCTION,
    )
