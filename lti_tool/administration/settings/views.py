"""The site's settings page."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.settings.avatar import take_avatar
from lti_tool.administration.settings.changes import remove_secret, reset_field, save_fields
from lti_tool.administration.settings.fields import Field, Level, by_group, fields_of, matching
from lti_tool.administration.settings.forms import typed_values
from lti_tool.administration.settings.words import GROUPS, SECTIONS, Section
from lti_tool.errors import InvalidInput
from lti_tool.site_settings.look import BOT_AVATAR, PRIMARY_COLOUR, SECONDARY_COLOUR
from lti_tool.site_settings.setting import SecretSetting
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("site", __name__)
SITE = Level()


@blueprint.app_context_processor
def site_sections() -> dict[str, list[Section]]:
    """The links between the site's pages, whichever of them is shown."""
    return {"site_sections": [each for each in SECTIONS if each.endpoint in current_app.view_functions]}


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def home(viewer: Viewer) -> ResponseReturnValue:
    """Every setting of the site, or those that a search finds."""
    words = request.args.get("q", "").strip()[:100]
    return _page(fields_of(db.session(), SITE), words)


@blueprint.post("/")
@guarded(Capability.ADMINISTER)
def save(viewer: Viewer) -> ResponseReturnValue:
    """Save one group of the page, or put one setting back."""
    session, secrets = db.session(), current_runtime().secrets
    if key := request.form.get("reset"):
        setting = SITE.setting(key)
        if isinstance(setting, SecretSetting):
            remove_secret(session, viewer, setting, secrets)
        else:
            reset_field(session, viewer, SITE, key)
    else:
        values = typed_values(request.form)
        fault = _take_picture(values)
        saved = save_fields(session, viewer, SITE, values, secrets=secrets)
        saved.faults.update(fault)
        if saved.faults:
            session.rollback()
            return _page(fields_of(session, SITE, typed=values, faults=saved.faults), "", status=400)
    notify(_("Saved."))
    return redirect(url_for("site.home", q=request.form.get("q") or None), 303)


def _take_picture(values: dict[str, str]) -> dict[str, InvalidInput]:
    """Put what was uploaded into its field; the fault of one that cannot be used, by its key."""
    picture = request.files.get("picture")
    if not picture:
        return {}
    try:
        values[BOT_AVATAR.key] = take_avatar(db.session(), picture.stream, picture.filename or "picture")
    except InvalidInput as error:
        return {BOT_AVATAR.key: error}
    return {}


def _page(fields: list[Field], words: str, status: int = 200) -> ResponseReturnValue:
    groups = by_group(matching(fields, words, _))
    look = read(db.session(), PRIMARY_COLOUR) + read(db.session(), SECONDARY_COLOUR)
    faulty = [field for field in fields if field.fault]
    return render_template(
        "administration/settings.html", groups=groups, group_words=GROUPS, words=words, faulty=faulty, look=look
    ), status
