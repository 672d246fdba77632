"""The form that says from when on papers may be marked; it stands on the page before the exam."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.handover.rules import MarkedFrom, change_marked_from
from lti_tool.scans.handover.tasks import ask_for_exam
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("scans_handover", __name__, "scans/marking")


@blueprint.post("/from")
@guarded(Capability.HANDLE_SCANS)
def rule(viewer: Viewer) -> ResponseReturnValue:
    """Papers that may be marked by the new rule go to the desk."""
    if request.form.get("from") not in list(MarkedFrom):
        raise InvalidInput("marked_from_missing", _("Say from when on papers are marked."))
    exam = change_marked_from(db.session(), viewer, MarkedFrom(request.form["from"]))
    papers = ask_for_exam(db.session(), exam)
    sent = ngettext("%(num)d paper goes to the desk now.", "%(num)d papers go to the desk now.", papers)
    notify(f"{_('Saved.')} {sent}" if papers else _("Saved."))
    return redirect(url_for("scans_sheets.home"), 303)
