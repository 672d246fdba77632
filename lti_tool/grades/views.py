"""The page "Grades and pushes" (pages.md): table, approve, send again, read back, test the connection, export."""

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.gradebook.column import check_connection, make_column
from lti_tool.gradebook.looks import seen_grades
from lti_tool.gradebook.many import approve_many
from lti_tool.gradebook.options import marking_options
from lti_tool.gradebook.overview import GradeState, grade_rows, graded_placements
from lti_tool.gradebook.resend import ask_platform
from lti_tool.gradebook.resend import resend as resend_grade
from lti_tool.grades.export import grades_csv
from lti_tool.grades.words import failure_words, reason_words, state_words
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.left_out import notify_left_out
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grades", __name__)


@blueprint.get("/")
@guarded(Capability.GRADE)
def table(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    placements = graded_placements(session, viewer)
    if not placements:
        return render_template("grades/none.html")
    chosen = _chosen(viewer, [placement.id for placement in placements])
    rows = grade_rows(session, viewer, chosen)
    return render_template(
        "grades/table.html",
        placements=placements,
        chosen=chosen,
        holds=any(marking_options(placement).is_held for placement in placements if placement.id == chosen),
        rows=rows,
        seen=seen_grades(session, chosen),
        counts={state: sum(row.state is state for row in rows) for state in GradeState},
        states=state_words(),
        reason_words=reason_words,
        has_no_column=any(row.push is not None and row.push.reason in {"no_column", "column_gone"} for row in rows),
    )


@blueprint.post("/approve")
@guarded(Capability.GRADE)
def approve(viewer: Viewer) -> ResponseReturnValue:
    """Each ticked row names the version that was on the page."""
    session = db.session()
    picked = [_id_and_version(value) for value in request.form.getlist("grade")]
    if not picked:
        raise InvalidInput("nothing_picked", _("Tick at least one grade."))
    outcome = approve_many(session, viewer, picked)
    notify(ngettext("%(num)d grade approved.", "%(num)d grades approved.", outcome.done))
    notify_left_out(outcome.left_out)
    return _back()


@blueprint.post("/resend")
@guarded(Capability.GRADE)
def resend(viewer: Viewer) -> ResponseReturnValue:
    """One grade, or all that failed."""
    session = db.session()
    if "grade" in request.form:
        grade_ids = [_whole(request.form["grade"])]
    else:
        rows = grade_rows(session, viewer, _placement())
        grade_ids = [row.grade.id for row in rows if row.grade and row.state is GradeState.FAILED and not row.is_own]
    for grade_id in sorted(grade_ids):
        resend_grade(session, viewer, grade_id)
    notify(ngettext("%(num)d grade will be sent again.", "%(num)d grades will be sent again.", len(grade_ids)), "info")
    return _back()


@blueprint.post("/check")
@guarded(Capability.GRADE)
def check(viewer: Viewer) -> ResponseReturnValue:
    ask_platform(db.session(), viewer, _placement())
    notify(_("The platform is being asked what it shows. Reload this page in a moment."), "info")
    return _back()


@blueprint.post("/test")
@guarded(Capability.GRADE)
def test_connection(viewer: Viewer) -> ResponseReturnValue:
    try:
        column = check_connection(current_runtime(), db.session(), viewer, _placement())
    except ToolError as error:
        words = told(error) if error.code.startswith("moodle_") else failure_words(error.code)
        notify(_("The connection does not work.") + " " + words, "danger")
    else:
        notify(
            _(
                "The connection works: the column “%(label)s” takes up to %(maximum)s points.",
                label=column.label,
                maximum=f"{column.maximum.normalize():f}",
            )
        )
    return _back()


@blueprint.post("/column")
@guarded(Capability.MANAGE)
def column(viewer: Viewer) -> ResponseReturnValue:
    try:
        make_column(current_runtime(), db.session(), viewer, _placement())
    except ToolError as error:
        notify(failure_words(error.code), "danger")
    else:
        notify(_("The activity has a column now. Send the failed grades again."))
    return _back()


@blueprint.get("/export.csv")
@guarded(Capability.GRADE)
def export(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    placement_id = _uuid(request.args.get("placement", ""))
    text = grades_csv(grade_rows(session, viewer, placement_id), with_mark="mark" in request.args)
    audit.by(session, viewer, "grades.exported", object_type="placement", object_id=placement_id)
    disposition = {"Content-Disposition": 'attachment; filename="grades.csv"'}
    return Response(text, mimetype="text/csv", headers=disposition)


def _chosen(viewer: Viewer, offered: list[UUID]) -> UUID:
    """What the address asks for, else the placement of the launch, else the first."""
    if "placement" in request.args:
        return _uuid(request.args["placement"])
    return viewer.placement_id if viewer.placement_id in offered else offered[0]


def _back() -> ResponseReturnValue:
    return redirect(url_for("grades.table", placement=_placement()), code=303)


def _placement() -> UUID:
    return _uuid(request.form.get("placement", ""))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("placement_malformed") from error


def _id_and_version(text: str) -> tuple[int, int]:
    grade_id, _colon, version = text.partition(":")
    return _whole(grade_id), _whole(version)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise InvalidInput("grade_malformed")
    return int(text)
