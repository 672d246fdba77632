"""What a teacher may set for the course; everything else is the site's."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.settings.changes import reset_field, save_fields
from lti_tool.administration.settings.fields import Field, Level, by_group, fields_of
from lti_tool.administration.settings.forms import typed_values
from lti_tool.administration.settings.words import GROUPS
from lti_tool.llm.spending import spending_of
from lti_tool.site_settings.catalogue import ENABLED
from lti_tool.site_settings.store import read, snapshot
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("course_settings", __name__, "settings")


@blueprint.get("/")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    """The settings of this course."""
    return _page(viewer, fields_of(db.session(), _level(viewer)))


@blueprint.post("/")
@guarded(Capability.MANAGE)
def save(viewer: Viewer) -> ResponseReturnValue:
    """Save the form, or go back to the site's value of one setting."""
    session, level = db.session(), _level(viewer)
    if key := request.form.get("reset"):
        reset_field(session, viewer, level, key)
    else:
        values = typed_values(request.form)
        saved = save_fields(session, viewer, level, values, secrets=current_runtime().secrets)
        if saved.faults:
            session.rollback()
            return _page(viewer, fields_of(session, level, typed=values, faults=saved.faults), status=400)
    notify(_("Saved."))
    return redirect(url_for("course_settings.page"), 303)


def _level(viewer: Viewer) -> Level:
    return Level(course_id=viewer.course_id)


def _page(viewer: Viewer, fields: list[Field], status: int = 200) -> ResponseReturnValue:
    return render_template(
        "administration/course_settings.html",
        groups=by_group(fields),
        group_words=GROUPS,
        faulty=[field for field in fields if field.fault],
        is_enabled=read(db.session(), ENABLED),
        spending=spending_of(db.session(), snapshot(db.session(), viewer.course_id), viewer.course_id),
    ), status
