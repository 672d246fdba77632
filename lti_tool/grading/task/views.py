"""The page where a teacher writes the task and says when it is due."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.grading.activities import online_activity_for
from lti_tool.grading.rules import rules_of
from lti_tool.grading.task.settings import LONGEST_TEXT, TaskSettings, change_task, read_rules
from lti_tool.grading.task.zones import FORM, UNIVERSAL, in_zone, kept_zone, read_moment, usual_zone, zones
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.markdown import render_markdown
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_task", __name__, "grading/task")


@blueprint.get("")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer)


@blueprint.post("")
@guarded(Capability.MANAGE)
def change(viewer: Viewer) -> ResponseReturnValue:
    activity = online_activity_for(db.session(), viewer)
    try:
        change_task(db.session(), viewer, activity, _settings())
    except InvalidInput as error:
        db.session.rollback()
        return _page(viewer, error), error.status
    notify(_("The task is saved. This is how students read it."))
    return redirect(url_for("grading_task.page"), 303)


def _settings() -> TaskSettings:
    zone = request.form.get("zone", UNIVERSAL)
    return TaskSettings(
        text=request.form.get("text", ""),
        due_at=read_moment(request.form.get("due", ""), zone),
        zone=zone,
        rules=read_rules(request.form),
    )


def _page(viewer: Viewer, error: InvalidInput | None = None) -> str:
    activity = online_activity_for(db.session(), viewer)
    zone = usual_zone(db.session(), activity)
    return render_template(
        "grading/task_settings.html",
        activity=activity,
        text=request.form.get("text", activity.description),
        shown=render_markdown(activity.description) if activity.description else "",
        rules=rules_of(activity),
        zones=zones(),
        zone=zone,
        due=in_zone(activity.due_at, zone).strftime(FORM) if activity.due_at else "",
        longest_text=LONGEST_TEXT,
        error=error,
    )


@blueprint.app_template_global("due_moment")
def due_moment(activity: Placement, moment: datetime) -> tuple[datetime, str]:
    """A moment by the clocks for which the due date was given, and the name of their zone."""
    zone = kept_zone(activity) or UNIVERSAL
    return in_zone(moment, zone).replace(tzinfo=None), zone
