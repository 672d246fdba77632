"""The dashboard of a course: totals, a chart and its table, the state of the material, a CSV."""

import csv
import io

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity import events
from lti_tool.activity.events import EventKind
from lti_tool.analytics.chart import bar_chart
from lti_tool.analytics.index_status import index_status_of
from lti_tool.analytics.measures import Measure, Report, report_of
from lti_tool.db import now
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint

blueprint = launch_blueprint("dashboard", __name__)

LABELS: dict[Measure, LazyString] = {
    Measure.PEOPLE: _("People active"),
    Measure.MESSAGES: _("Messages"),
    Measure.TOKENS: _("Tokens"),
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
        chart=bar_chart([report.of(shown, day) for day in report.days]),
        index=index_status_of(db.session(), viewer.course_id),
    )


@blueprint.get("/days.csv")
@guarded(Capability.VIEW_DASHBOARD)
def days_csv(viewer: Viewer) -> ResponseReturnValue:
    """The table for a spreadsheet."""
    events.record(
        db.session(),
        EventKind.EXPORTED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
    )
    headers = {"Content-Disposition": "attachment; filename=dashboard.csv"}
    return Response(as_csv(_report(viewer)), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(report: Report) -> str:
    """With a byte order mark, without which a well-known spreadsheet misreads UTF-8."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["date", *Measure])
    for day, counts in report.rows():
        table.writerow([day.isoformat(), *counts])
    return "\ufeff" + text.getvalue()


def _report(viewer: Viewer) -> Report:
    return report_of(db.session(), viewer.course_id, now().date())


def _shown_measure() -> Measure:
    wanted = request.args.get("show", "")
    return Measure(wanted) if wanted in set(Measure) else Measure.MESSAGES
