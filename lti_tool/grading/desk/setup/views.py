"""The page where a teacher says how the activity is marked, and who marks whom."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.activities import activity_for
from lti_tool.grading.desk.allocation import (
    allocate,
    allocations_of,
    clear_allocations,
    graders_of,
    split_evenly,
)
from lti_tool.grading.desk.choosing import choose_options
from lti_tool.grading.queue import queue_rows
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_setup", __name__, "grading/setup")


@blueprint.get("")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer, activity_for(db.session(), viewer))


@blueprint.post("")
@guarded(Capability.MANAGE)
def change(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    activity = activity_for(session, viewer)
    try:
        choose_options(session, viewer, activity, request.form)
    except InvalidInput as error:
        db.session.rollback()
        return _page(viewer, activity_for(session, viewer), error), error.status
    notify(_("Saved."))
    return redirect(url_for("grading_setup.page"), 303)


@blueprint.post("/split")
@guarded(Capability.MANAGE)
def split(viewer: Viewer) -> ResponseReturnValue:
    """Even shares for whoever is ticked, or with the other button nobody's."""
    session = db.session()
    activity = activity_for(session, viewer)
    if "clear" in request.form:
        clear_allocations(session, viewer, activity)
        notify(_("Nobody is given work any more."))
        return redirect(url_for("grading_setup.page"), 303)
    students = [row.person.id for row in queue_rows(session, viewer, activity)]
    try:
        given = split_evenly(session, viewer, activity, students, _numbers("marker"))
    except InvalidInput as error:
        return _page(viewer, activity, error), error.status
    notify(ngettext("%(num)d student was given a marker.", "%(num)d students were given a marker.", given))
    return redirect(url_for("grading_setup.page"), 303)


@blueprint.post("/allocate")
@guarded(Capability.MANAGE)
def give(viewer: Viewer) -> ResponseReturnValue:
    """By hand: the markers of one student."""
    session = db.session()
    activity = activity_for(session, viewer)
    student = next(iter(_numbers("student")), 0)
    if student not in {row.person.id for row in queue_rows(session, viewer, activity)}:
        raise InvalidInput("student_unknown")
    allocate(session, viewer, activity, student, _numbers("marker"))
    notify(_("Saved."))
    return redirect(url_for("grading_setup.page"), 303)


def _page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
    session = db.session()
    return render_template(
        "grading/setup.html",
        activity=activity,
        options=marking_options(activity),
        graders=graders_of(session, viewer),
        rows=queue_rows(session, viewer, activity),
        allocations=allocations_of(session, activity),
        error=error,
    )


def _numbers(name: str) -> list[int]:
    given = [value for value in request.form.getlist(name) if value]
    if not all(value.isascii() and value.isdecimal() and len(value) < 19 for value in given):
        raise InvalidInput("person_malformed")
    return [int(value) for value in given]
