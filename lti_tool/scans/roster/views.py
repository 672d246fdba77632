"""Staff see and correct the register numbers of the course: one by one, or by a table."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.scans.roster.importing import import_numbers
from lti_tool.scans.roster.numbers import entrants, set_number
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.tables import as_csv

blueprint = launch_blueprint("scans_roster", __name__, "scans/numbers")

MOST_PROBLEMS = 10


@blueprint.get("/")
@guarded(Capability.HANDLE_SCANS)
def home(viewer: Viewer) -> ResponseReturnValue:
    people = entrants(db.session(), viewer)
    return render_template(
        "scans/roster/home.html", entrants=people, unusable=sum(not entrant.is_usable for entrant in people)
    )


@blueprint.post("/people/<int:person_id>")
@guarded(Capability.HANDLE_SCANS)
def save(viewer: Viewer, person_id: int) -> ResponseReturnValue:
    set_number(db.session(), viewer, person_id, request.form.get("number", ""))
    notify(_("Saved."))
    return redirect(url_for("scans_roster.home", _anchor=f"number-{person_id}"), 303)


@blueprint.post("/import")
@guarded(Capability.HANDLE_SCANS)
def import_table(viewer: Viewer) -> ResponseReturnValue:
    """Lines that cannot be used are named; the others count."""
    file = request.files.get("table")
    if file is None or not file.filename:
        raise InvalidInput("no_file", _("Choose at least one file."))
    lines = import_numbers(db.session(), viewer, file.stream.read())
    problems = [line for line in lines if line.problem is not None]
    taken = len(lines) - len(problems)
    notify(ngettext("%(num)d register number taken over.", "%(num)d register numbers taken over.", taken))
    for line in problems[:MOST_PROBLEMS]:
        if line.problem is not None:
            reason = told(line.problem)
            notify(_("Line %(number)s: %(reason)s", number=line.number, reason=reason), "danger")
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        notify(ngettext("%(num)d further line was left out.", "%(num)d further lines were left out.", more), "danger")
    return redirect(url_for("scans_roster.home"), 303)


@blueprint.get("/numbers.csv")
@guarded(Capability.HANDLE_SCANS)
def table(viewer: Viewer) -> ResponseReturnValue:
    """The table as it can be sent back after changes."""
    rows = [
        (entrant.person.display_name, entrant.person.email, entrant.number)
        for entrant in entrants(db.session(), viewer)
    ]
    response = Response(as_csv(("name", "email", "register_number"), rows), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="register-numbers.csv")
    response.headers["Cache-Control"] = "private, no-store"
    return response
