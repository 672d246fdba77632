"""Pages of the course material: the table for teachers, the passage page for everybody who was given a citation."""

from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.archives.importing import archives_of
from lti_tool.content.explanation import explain
from lti_tool.content.importing import Actor
from lti_tool.content.inclusion import choose
from lti_tool.content.index_status import index_status_of
from lti_tool.content.moodle.state import moodle_standing
from lti_tool.content.moodle.tasks import ask_for_reading
from lti_tool.content.pasting import add_pasted
from lti_tool.content.retrieval import passage_for
from lti_tool.content.sources import ask_again, ask_all_again, remove_source, set_visibility, source_for
from lti_tool.content.tasks import ask_for_index
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.media_types import MATERIAL, SUFFIXES
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.files.uploads import Outcome, Upload
from lti_tool.material.passage import is_drawable, passage_in_context
from lti_tool.material.table import source_rows
from lti_tool.material.uploads import take_archive, take_uploads
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB, MAX_MESSAGE_LENGTH
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.error_pages import retold
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.outcomes import told_of
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("material", __name__)
ENDINGS = ",".join(ending for kind in sorted(MATERIAL) for ending in SUFFIXES[kind])
PICTURE_POLICY = "default-src 'none'; sandbox"


@blueprint.get("")
@guarded(Capability.MANAGE)
def table(viewer: Viewer) -> ResponseReturnValue:
    return _table_page(viewer)


@blueprint.get("/sources")
@guarded(Capability.MANAGE)
def sources(viewer: Viewer) -> ResponseReturnValue:
    """The table alone, for the script that keeps it up to date."""
    return render_template("material/_sources.html", **_state(viewer))


@blueprint.post("/upload")
@guarded(Capability.MANAGE)
def upload(viewer: Viewer) -> ResponseReturnValue:
    """Several files by the form, or one at a time by the script, which asks for JSON."""
    sent = [Upload(name=file.filename or "", stream=file.stream) for file in request.files.getlist("files")]
    sent = [file for file in sent if file.name]
    if not sent:
        raise InvalidInput("no_file", _("Choose at least one file."))
    outcomes = take_uploads(db.session(), viewer, sent, FileStore.of(current_runtime().settings))
    if request.accept_mimetypes.best == "application/json":
        return [{"name": outcome.name, "reason": told_of(outcome)} for outcome in outcomes]
    for outcome in outcomes:
        _tell(outcome)
    return redirect(url_for("material.table"), 303)


@blueprint.post("/archive")
@guarded(Capability.MANAGE)
def archive(viewer: Viewer) -> ResponseReturnValue:
    """A Moodle backup or a Common Cartridge; reading it is a task's work."""
    sent = request.files.get("archive")
    if sent is None or not sent.filename:
        raise InvalidInput("no_file", _("Choose at least one file."))
    taken = take_archive(
        db.session(), viewer, Upload(name=sent.filename, stream=sent.stream), FileStore.of(current_runtime().settings)
    )
    notify(_("“%(name)s” was received and is being read.", name=taken.name))
    return redirect(url_for("material.table"), 303)


@blueprint.post("/pasted")
@guarded(Capability.MANAGE)
def pasted(viewer: Viewer) -> ResponseReturnValue:
    """A text by its title; the same title again replaces it."""
    title = request.form.get("title", "")
    report = add_pasted(
        db.session(),
        viewer,
        FileStore.of(current_runtime().settings),
        title=title,
        text=request.form.get("text", ""),
        form=request.form.get("form", ""),
    )
    for failure in report.failed:
        notify(retold(failure.reason), "danger")
    if report.has_changes:
        notify(_("“%(name)s” was received and is being read.", name=title))
    elif not report.failed:
        notify(_("“%(name)s” is the same as before.", name=title), "info")
    return redirect(url_for("material.table"), 303)


@blueprint.post("/sources/<uuid:source_id>/visibility")
@guarded(Capability.MANAGE)
def change_visibility(viewer: Viewer, source_id: UUID) -> ResponseReturnValue:
    source = source_for(db.session(), viewer, source_id)
    set_visibility(db.session(), viewer, source, is_visible=request.form.get("visible") == "yes")
    return redirect(url_for("material.table"), 303)


@blueprint.post("/sources/<uuid:source_id>/inclusion")
@guarded(Capability.MANAGE)
def choose_inclusion(viewer: Viewer, source_id: UUID) -> ResponseReturnValue:
    """Use an item although the course hides it, or leave it out; what was never fetched is fetched now."""
    session = db.session()
    source = source_for(session, viewer, source_id)
    must_be_fetched = choose(session, viewer, source, is_wanted=request.form.get("use") == "yes")
    if must_be_fetched and moodle_standing(session, viewer.course_id).has_token:
        ask_for_reading(session, viewer.course_id, Actor.of(viewer), is_full=False)
    return redirect(url_for("material.table"), 303)


@blueprint.post("/sources/<uuid:source_id>/index")
@guarded(Capability.MANAGE)
def index(viewer: Viewer, source_id: UUID) -> ResponseReturnValue:
    source = source_for(db.session(), viewer, source_id)
    ask_again(db.session(), viewer, source)
    ask_for_index(db.session(), source)
    notify(_("“%(title)s” will be read again.", title=source.title), "info")
    return redirect(url_for("material.table"), 303)


@blueprint.post("/index")
@guarded(Capability.MANAGE)
def index_all(viewer: Viewer) -> ResponseReturnValue:
    """Build the index anew from what is kept; what comes out as before keeps its vectors."""
    sources = ask_all_again(db.session(), viewer)
    for source in sources:
        ask_for_index(db.session(), source)
    notify(ngettext("%(num)d source will be read again.", "%(num)d sources will be read again.", len(sources)), "info")
    return redirect(url_for("material.table"), 303)


@blueprint.post("/sources/<uuid:source_id>/delete")
@guarded(Capability.MANAGE)
def delete(viewer: Viewer, source_id: UUID) -> ResponseReturnValue:
    source = source_for(db.session(), viewer, source_id)
    remove_source(db.session(), viewer, source)
    notify(_("“%(title)s” was deleted.", title=source.title))
    return redirect(url_for("material.table"), 303)


@blueprint.post("")
@guarded(Capability.MANAGE)
def try_question(viewer: Viewer) -> ResponseReturnValue:
    """What the tutor would be given for a question. By POST: a question belongs into no address and no log."""
    question = request.form.get("question", "").strip()[: read(db.session(), MAX_MESSAGE_LENGTH)]
    return _table_page(viewer, question)


@blueprint.get("/passages/<int:chunk_id>")
@guarded(Capability.USE)
def passage(viewer: Viewer, chunk_id: int) -> ResponseReturnValue:
    return render_template("material/passage.html", shown=passage_in_context(db.session(), viewer, chunk_id))


@blueprint.get("/passages/<int:chunk_id>/page.webp")
@guarded(Capability.USE)
def picture(viewer: Viewer, chunk_id: int) -> Response:
    """The page of the passage as a picture: never the file itself, which may hold scripts and attachments."""
    chunk, source = passage_for(db.session(), viewer, chunk_id)
    if not is_drawable(chunk, source):
        raise NotFound("picture_unknown")
    path = page_image(FileStore.of(current_runtime().settings), source.kept_file, chunk.page or 1)
    response = send_file(path, mimetype="image/webp", conditional=True)
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response


def _table_page(viewer: Viewer, question: str = "") -> str:
    finding = None
    if question:
        finding = explain(current_runtime(), course_id=viewer.course_id, question=question, person_id=viewer.person_id)
    return render_template(
        "material/table.html",
        **_state(viewer),
        endings=ENDINGS,
        most_megabytes=read(db.session(), MAX_FILE_SIZE_MB, viewer.course_id),
        most_characters=read(db.session(), MAX_MESSAGE_LENGTH),
        question=question,
        finding=finding,
    )


def _state(viewer: Viewer) -> dict[str, Any]:
    """What changes while something is being read."""
    session = db.session()
    return {
        "rows": source_rows(session, viewer.course_id),
        "index": index_status_of(session, viewer.course_id),
        "archives": archives_of(session, viewer.course_id),
        "moodle": moodle_standing(session, viewer.course_id),
    }


def _tell(outcome: Outcome) -> None:
    if outcome.is_accepted:
        notify(_("“%(name)s” was received and is being read.", name=outcome.name))
    else:
        notify(told_of(outcome), "danger")
