"""Forms of the queue: approve what was opened, release everything that waits, undo one approval."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.many import approve_many, release_many
from lti_tool.grading.activities import activity_for
from lti_tool.grading.desk.releasing import take_back
from lti_tool.grading.desk.waiting import waiting_rows
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.left_out import notify_left_out
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_release", __name__, "grading")


@blueprint.post("/approve")
@guarded(Capability.GRADE)
def approve(viewer: Viewer) -> ResponseReturnValue:
    """Each ticked row names the version of the grade that was on the page."""
    session = db.session()
    picked = [_grade_and_version(value) for value in request.form.getlist("grade")]
    if not picked:
        raise InvalidInput("nothing_picked", _("Tick at least one grade."))
    activity_for(session, viewer)
    outcome = approve_many(session, viewer, picked)
    notify(ngettext("%(num)d grade approved.", "%(num)d grades approved.", outcome.done))
    notify_left_out(outcome.left_out)
    return redirect(url_for("grading.home"), 303)


@blueprint.post("/release")
@guarded(Capability.GRADE)
def release(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    outcome = release_many(session, viewer, activity_for(session, viewer))
    notify(ngettext("%(num)d grade released.", "%(num)d grades released.", outcome.done))
    notify_left_out(outcome.left_out)
    return redirect(url_for("grading.home"), 303)


@blueprint.post("/undo")
@guarded(Capability.GRADE)
def undo(viewer: Viewer) -> ResponseReturnValue:
    """Back to the work where there is some, else to the queue."""
    session = db.session()
    activity = activity_for(session, viewer)
    grade_id, version = _grade_and_version(request.form.get("grade", ""))
    take_back(session, viewer, activity, grade_id, version)
    notify(_("The approval is taken back. The marks stand as a draft again."))
    rows = waiting_rows(session, viewer, activity)
    work = next((row.submission for row in rows if row.graded.grade and row.graded.grade.id == grade_id), None)
    if work is None:
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=work.id), 303)


def _grade_and_version(text: str) -> tuple[int, int]:
    grade_id, _colon, version = text.partition(":")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (grade_id, version)):
        raise InvalidInput("grade_malformed")
    return int(grade_id), int(version)
