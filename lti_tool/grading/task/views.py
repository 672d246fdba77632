"""The page where a teacher writes the task and says when it is due."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.grading.activities import online_activity_for
from lti_tool.grading.rules import rules_of
from lti_tool.grading.task.settings import LONGEST_TEXT, TaskSettings, change_task, read_moment, read_rules
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
    return TaskSettings(
        text=request.form.get("text", ""),
        due_at=read_moment(request.form.get("due", ""), request.form.get("due-utc", "")),
        rules=read_rules(request.form),
    )


def _page(viewer: Viewer, error: InvalidInput | None = None) -> str:
    activity = online_activity_for(db.session(), viewer)
    return render_template(
        "grading/task_settings.html",
        activity=activity,
        text=request.form.get("text", activity.description),
        shown=render_markdown(activity.description) if activity.description else "",
        rules=rules_of(activity),
        longest_text=LONGEST_TEXT,
        error=error,
    )
