"""The usage page and its file."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.usage.report import DAYS, report_csv, report_for
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint

blueprint = launch_blueprint("site_usage", __name__, "site/usage")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def table(viewer: Viewer) -> ResponseReturnValue:
    """Tokens and cost by course and by day."""
    return render_template("administration/usage.html", report=report_for(db.session(), viewer), days=DAYS)


@blueprint.get("/usage.csv")
@guarded(Capability.ADMINISTER)
def export(viewer: Viewer) -> ResponseReturnValue:
    """The table by course."""
    content = report_csv(report_for(db.session(), viewer))
    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)
