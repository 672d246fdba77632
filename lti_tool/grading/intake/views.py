"""Pages of what comes in: a draft that is kept, a receipt to download, and a pile that staff look at and take."""

from uuid import UUID

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.activities import activity_for, online_activity_for
from lti_tool.grading.intake.drafts import save_draft
from lti_tool.grading.intake.piles import Pile, look_at
from lti_tool.grading.intake.taking import take
from lti_tool.grading.intake.uploads import keep_upload, upload_for
from lti_tool.grading.intake.words import receipt_text
from lti_tool.grading.submissions import submission_for
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_intake", __name__, "grading/intake")
LARGEST_PILE = 60 * 1024 * 1024


@blueprint.post("/draft")
@guarded(Capability.USE)
def draft(viewer: Viewer) -> ResponseReturnValue:
    """Keep a text; a script asks for JSON and stays where it is."""
    activity = online_activity_for(db.session(), viewer)
    saved_at = save_draft(db.session(), viewer, activity, request.form.get("text", ""))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(saved_at=saved_at.isoformat())
    notify(_("Your text is kept as a draft. It is not handed in yet; choose your files when you hand in."))
    return redirect(url_for("grading.home"), 303)


@blueprint.get("/receipts/<uuid:submission_id>.txt")
@guarded(Capability.USE)
def receipt(viewer: Viewer, submission_id: UUID) -> Response:
    """What was handed in, when, and its hash, to be kept by whoever handed it in."""
    shown = submission_for(db.session(), viewer, submission_id)
    if shown.person_id != viewer.person_id:
        # It names the files as their writer did, which often names the writer: no way round hidden names.
        raise NotFound("submission_unknown")
    activity = activity_for(db.session(), viewer)
    response = Response(receipt_text(shown, activity), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{shown.attempt}.txt"'
    return response


@blueprint.get("/pile")
@guarded(Capability.GRADE)
def pile(viewer: Viewer) -> ResponseReturnValue:
    activity = online_activity_for(db.session(), viewer)
    return render_template("grading/intake/pile.html", activity=activity, refusal="")


@blueprint.post("/pile")
@guarded(Capability.GRADE)
def upload(viewer: Viewer) -> ResponseReturnValue:
    """Keep the file and show what lies in it."""
    session = db.session()
    activity = online_activity_for(session, viewer)
    sent = request.files.get("pile")
    try:
        if sent is None or not sent.filename:
            raise InvalidInput("pile_missing", "Choose a ZIP or CSV file.")
        kept = keep_upload(session, viewer, activity, sent.stream, sent.filename, _store(), LARGEST_PILE)
        _pile(viewer, kept.id)
    except InvalidInput as error:
        db.session.rollback()
        activity = activity_for(db.session(), viewer)
        page = render_template("grading/intake/pile.html", activity=activity, refusal=told(error))
        return page, error.status
    return redirect(url_for("grading_intake.preview", pile_id=kept.id), 303)


@blueprint.get("/piles/<uuid:pile_id>")
@guarded(Capability.GRADE)
def preview(viewer: Viewer, pile_id: UUID) -> ResponseReturnValue:
    return _preview_page(_pile(viewer, pile_id))


@blueprint.post("/piles/<uuid:pile_id>")
@guarded(Capability.GRADE)
def take_pile(viewer: Viewer, pile_id: UUID) -> ResponseReturnValue:
    """Take what can be taken, or with the other button look again with the people that were chosen."""
    session = db.session()
    shown = _pile(viewer, pile_id)
    if request.form.get("do") != "take":
        return _preview_page(shown)
    try:
        count = take(session, viewer, activity_for(session, viewer), shown, _store(), _most(viewer))
    except InvalidInput as error:
        db.session.rollback()
        return _preview_page(_pile(viewer, pile_id), told(error)), error.status
    notify(ngettext("%(num)d work was taken.", "%(num)d works were taken.", count))
    return redirect(url_for("grading.home"), 303)


def _pile(viewer: Viewer, pile_id: UUID) -> Pile:
    session, activity = db.session(), online_activity_for(db.session(), viewer)
    kept = upload_for(session, viewer, activity, pile_id)
    names = [name for name in request.form if name.startswith("person-") and name[7:].isdecimal()]
    chosen = {int(name[7:]): request.form.get(name, 0, type=int) for name in names}
    return look_at(session, viewer, activity, kept, _store(), chosen, _most(viewer))


def _preview_page(shown: Pile, refusal: str = "") -> str:
    problems = {row.number: told(row.problem) for row in shown.rows if row.problem is not None}
    return render_template("grading/intake/preview.html", pile=shown, problems=problems, refusal=refusal)


def _most(viewer: Viewer) -> int:
    return read(db.session(), MAX_FILE_SIZE_MB, viewer.course_id) * 1024 * 1024


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)
