"""The dashboard of a course: totals, a chart and its table, who is active, the state of the material, two CSVs."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.analytics.active_people import TOP, active_people
from lti_tool.analytics.measures import Measure, Report, report_of
from lti_tool.content.index_status import index_status_of
from lti_tool.db import now
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.tables import as_csv

blueprint = launch_blueprint("dashboard", __name__)

LABELS: dict[Measure, LazyString] = {
    Measure.PEOPLE: _("People active"),
    Measure.MESSAGES: _("Messages"),
    Measure.TOKENS: _("Tokens"),
    Measure.THUMBS_UP: _("Thumbs up"),
    Measure.THUMBS_DOWN: _("Thumbs down"),
    Measure.SUBMISSIONS: _("Submissions"),
    Measure.CONFIRMATIONS: _("Papers confirmed"),
    Measure.APPROVALS: _("Grades approved"),
    Measure.PUSHES: _("Grades sent"),
}


@blueprint.get("/")
@guarded(Capability.USE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The last 30 days; who may not see them is told so in plain words."""
    if not viewer.may(Capability.VIEW_DASHBOARD):
        return render_template("analytics/for_teachers.html")
    report = _report(viewer)
    shown = _shown_measure()
    return render_template(
        "analytics/dashboard.html",
        report=report,
        labels=LABELS,
        shown=shown,
        column=list(Measure).index(shown) + 1,
        people=active_people(db.session(), viewer.course_id, most=TOP),
        index=index_status_of(db.session(), viewer.course_id),
    )


@blueprint.get("/days.csv")
@guarded(Capability.VIEW_DASHBOARD)
def days_csv(viewer: Viewer) -> ResponseReturnValue:
    """The table for a spreadsheet."""
    rows = [(day.isoformat(), *counts) for day, counts in _report(viewer).rows()]
    return _download(viewer, "dashboard.csv", as_csv(("date", *Measure), rows))


@blueprint.get("/people.csv")
@guarded(Capability.VIEW_DASHBOARD)
def people_csv(viewer: Viewer) -> ResponseReturnValue:
    """Everybody who was active (R130)."""
    people = active_people(db.session(), viewer.course_id)
    rows = [(one.person_id, one.messages, one.last_active.isoformat(timespec="seconds")) for one in people]
    return _download(viewer, "people.csv", as_csv(("id", "messages", "last_active"), rows))


def _download(viewer: Viewer, name: str, content: str) -> Response:
    events.record(
        db.session(),
        EventKind.EXPORTED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
    )
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, content_type="text/csv; charset=utf-8", headers=headers)


def _report(viewer: Viewer) -> Report:
    return report_of(db.session(), viewer.course_id, now().date())


def _shown_measure() -> Measure:
    wanted = request.args.get("show", "")
    return Measure(wanted) if wanted in set(Measure) else Measure.MESSAGES
