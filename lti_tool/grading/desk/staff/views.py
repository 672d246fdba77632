"""Private notes, the comment bank, what a person chose about the desk, the work as it is read, and time."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.gradebook.anonymity import names_hidden
from lti_tool.grading.activities import activity_for
from lti_tool.grading.desk.annotating import shown_parts
from lti_tool.grading.desk.bank import bank_comment_for, bank_of, change_comment, keep_comment
from lti_tool.grading.desk.looking import add_seconds, course_time
from lti_tool.grading.desk.models import Order
from lti_tool.grading.desk.notes import note_for, write_note
from lti_tool.grading.desk.preferences import prefer
from lti_tool.grading.proposals.pictures import most_pictures
from lti_tool.grading.reading import readable_work
from lti_tool.grading.showing import shown_files
from lti_tool.grading.submissions import submission_for
from lti_tool.site_settings.store import snapshot
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_staff", __name__, "grading")


@blueprint.post("/submissions/<uuid:submission_id>/notes")
@guarded(Capability.GRADE)
def add_note(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    session = db.session()
    activity, about = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    write_note(session, viewer, activity, about.person_id, request.form.get("note", ""))
    notify(_("The note is kept. Only staff see it."))
    return _to_work(about.id)


@blueprint.post("/submissions/<uuid:submission_id>/notes/<uuid:note_id>/delete")
@guarded(Capability.GRADE)
def delete_note(viewer: Viewer, submission_id: UUID, note_id: UUID) -> ResponseReturnValue:
    session = db.session()
    about = submission_for(session, viewer, submission_id)
    session.delete(note_for(session, viewer, note_id))
    notify(_("The note is deleted."))
    return _to_work(about.id)


@blueprint.get("/comments")
@guarded(Capability.GRADE)
def comments(viewer: Viewer) -> ResponseReturnValue:
    """The comment bank, to edit."""
    return _comments_page(viewer)


@blueprint.post("/comments")
@guarded(Capability.GRADE)
def add_comment(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    text, is_shared = request.form.get("text", ""), "shared" in request.form
    try:
        keep_comment(session, viewer, activity_for(session, viewer), text, is_shared=is_shared)
    except InvalidInput as error:
        db.session.rollback()
        return _comments_page(viewer, error), error.status
    notify(_("The comment is in the bank."))
    if back := request.form.get("submission", ""):
        return _to_work(submission_for(session, viewer, _uuid(back)).id)
    return redirect(url_for("grading_staff.comments"), 303)


@blueprint.post("/comments/<uuid:comment_id>")
@guarded(Capability.GRADE)
def edit_comment(viewer: Viewer, comment_id: UUID) -> ResponseReturnValue:
    """Change it, or with the other button delete it."""
    session = db.session()
    comment = bank_comment_for(session, viewer, comment_id)
    if "delete" in request.form:
        session.delete(comment)
        notify(_("The comment is deleted."))
        return redirect(url_for("grading_staff.comments"), 303)
    try:
        change_comment(comment, request.form.get("text", ""))
    except InvalidInput as error:
        db.session.rollback()
        return _comments_page(viewer, error), error.status
    notify(_("The comment is changed."))
    return redirect(url_for("grading_staff.comments"), 303)


@blueprint.post("/choices")
@guarded(Capability.GRADE)
def choose(viewer: Viewer) -> ResponseReturnValue:
    """Order and share of the queue, or the shortcuts."""
    session = db.session()
    if "shortcuts" in request.form:
        prefer(session, viewer, has_shortcuts=request.form["shortcuts"] == "on")
    if request.form.get("order") in list(Order):
        prefer(session, viewer, queue_order=Order(request.form["order"]), is_mine_only="mine" in request.form)
    if back := request.form.get("submission", ""):
        work, question = submission_for(session, viewer, _uuid(back)), request.form.get("question", type=int)
        if question is not None:
            return redirect(url_for("grading_questions.mark", criterion_id=question, work=work.id), 303)
        return _to_work(work.id)
    return redirect(url_for("grading.home"), 303)


@blueprint.get("/submissions/<uuid:submission_id>/as-read")
@guarded(Capability.GRADE)
def as_read(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """The work as a model would read it: all its text in one, with what readers' eyes do not see."""
    session = db.session()
    activity, shown = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    store = FileStore.of(current_runtime().settings)
    work = readable_work(store, shown)
    return render_template(
        "grading/as_read.html",
        submission=shown,
        work=work,
        parts=shown_parts(shown, shown_files(shown), work),
        most_pictures=most_pictures(snapshot(session, viewer.course_id)),
        hides_names=names_hidden(session, activity, shown.person_id),
    )


@blueprint.post("/submissions/<uuid:submission_id>/time")
@guarded(Capability.GRADE)
def spend(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """Active seconds, told by the page."""
    session = db.session()
    shown = submission_for(session, viewer, submission_id)
    seconds = request.form.get("seconds", type=int) or 0
    add_seconds(session, viewer, shown, seconds)
    return "", 204


@blueprint.get("/time")
@guarded(Capability.GRADE)
def time(viewer: Viewer) -> ResponseReturnValue:
    """How long marking takes in this course, without drafts and with them."""
    activity_for(db.session(), viewer)
    return render_template("grading/time.html", rows=course_time(db.session(), viewer))


def _comments_page(viewer: Viewer, error: InvalidInput | None = None) -> str:
    session = db.session()
    activity = activity_for(session, viewer)
    return render_template(
        "grading/comments.html", activity=activity, bank=bank_of(session, viewer, activity), error=error
    )


def _to_work(submission_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("grading.submission", submission_id=submission_id), 303)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("submission_malformed") from error
