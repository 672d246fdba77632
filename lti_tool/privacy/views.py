"""The page of people's data for administrators: who is known here, a copy of what is kept about them, erasing them."""

import json

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.privacy.copying import copy_for
from lti_tool.privacy.finding import MOST, ask_erasure, find_people
from lti_tool.privacy.tasks import erase_person
from lti_tool.site_settings.chat import RETENTION_DAYS
from lti_tool.site_settings.retention import MARKING_DAYS, PAPER_DAYS
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("site_privacy", __name__, "site/people")


@blueprint.get("/")
@guarded(Capability.ADMINISTER)
def page(viewer: Viewer) -> ResponseReturnValue:
    """Search, what is kept how long, and what erasing means."""
    return render_template("privacy/page.html", found=None, q="", most=MOST, days=_days())


@blueprint.post("/")
@guarded(Capability.ADMINISTER)
def search(viewer: Viewer) -> ResponseReturnValue:
    """By POST, so that no name stands in an address or a log."""
    words = request.form.get("q", "")
    found = find_people(db.session(), viewer, words)
    return render_template("privacy/page.html", found=found, q=words, most=MOST, days=_days())


@blueprint.post("/<int:person_id>/copy")
@guarded(Capability.ADMINISTER)
def copy(viewer: Viewer, person_id: int) -> ResponseReturnValue:
    """By POST, because it writes into the audit that a copy was made."""
    kept = copy_for(db.session(), viewer, person_id)
    response = Response(json.dumps(kept, default=str, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"person-{person_id}.json")
    return response


@blueprint.post("/<int:person_id>/erase")
@guarded(Capability.ADMINISTER)
def erase(viewer: Viewer, person_id: int) -> ResponseReturnValue:
    person = ask_erasure(db.session(), viewer, person_id, request.form.get("typed", ""))
    erase_person.enqueue(db.session(), queueing_lock=f"privacy.erase:{person.id}", person_id=person.id)
    notify(_("The person is being erased."), "warning")
    return redirect(url_for("site_privacy.page"), 303)


def _days() -> dict[str, int]:
    session = db.session()
    return {setting.key: read(session, setting) for setting in (RETENTION_DAYS, PAPER_DAYS, MARKING_DAYS)}
