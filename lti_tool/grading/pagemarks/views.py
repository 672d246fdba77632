"""Marks on pages come from the desk's script, which gets the page's marks back, or from plain forms."""

from uuid import UUID

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, NotFound
from lti_tool.files.store import FileStore
from lti_tool.gradebook.anonymity import names_hidden
from lti_tool.grading.activities import activity_for
from lti_tool.grading.desk.views import marking_page
from lti_tool.grading.models import Review, Submission
from lti_tool.grading.pagemarks.copies import approved_review, find_copy, marked_copy, takes_long
from lti_tool.grading.pagemarks.fields import MarkInput, read_mark
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.pagemarks.placing import change_mark, delete_mark, place_mark
from lti_tool.grading.pagemarks.released import released_review
from lti_tool.grading.pagemarks.tasks import make_copy
from lti_tool.grading.pagemarks.words import mark_words
from lti_tool.grading.pagemarks.working import marks_to_work_with
from lti_tool.grading.submissions import submission_for
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_pagemarks", __name__, "grading")


@blueprint.post("/submissions/<uuid:submission_id>/pagemarks")
@guarded(Capability.GRADE)
def place(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    session = db.session()
    activity, work = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    try:
        given = read_mark(request.form)
        mark = place_mark(session, viewer, activity, work, given, request.form.get("client_key", ""))
    except InvalidInput as error:
        return _refused(viewer, submission_id, error)
    return _answer(session, viewer, activity, work, given, mark)


@blueprint.post("/submissions/<uuid:submission_id>/pagemarks/<uuid:mark_id>")
@guarded(Capability.GRADE)
def change(viewer: Viewer, submission_id: UUID, mark_id: UUID) -> ResponseReturnValue:
    """Move it, say something else, or with the other button delete it."""
    session = db.session()
    activity, work = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    mark = None
    try:
        given = read_mark(request.form)
        if "delete" in request.form:
            delete_mark(session, viewer, activity, work, mark_id)
        else:
            seen = request.form.get("seen", type=int) or 0
            mark = change_mark(session, viewer, activity, work, mark_id, given, seen=seen)
    except InvalidInput as error:
        return _refused(viewer, submission_id, error)
    return _answer(session, viewer, activity, work, given, mark)


@blueprint.get("/submissions/<uuid:submission_id>/marked-copy")
@guarded(Capability.USE)
def copy(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """The work with its marks as one PDF: made on the way, or by a job where that takes long."""
    session, store = db.session(), FileStore.of(current_runtime().settings)
    work = submission_for(session, viewer, submission_id)
    review = _decided(session, viewer, work)
    if find_copy(session, review) is None and takes_long(work):
        make_copy.enqueue(session, queueing_lock=f"grading.marked_copy:{review.id}", review_id=review.id)
        notify(_("The marked copy is being made. Ask for it again in a minute."), "info")
        return redirect(url_for("grading.home"), 303)
    stored = marked_copy(session, store, review)
    return send_file(
        store.path(stored), mimetype="application/pdf", as_attachment=True, download_name=stored.name, conditional=True
    )


def _decided(session: Session, viewer: Viewer, work: Submission) -> Review:
    """The approved review that the viewer may have a copy of; raises NotFound, NotAllowed."""
    activity = activity_for(session, viewer)
    if not viewer.may(Capability.GRADE):
        review = released_review(session, viewer, activity, work)
    elif names_hidden(session, activity, work.person_id):
        raise NotAllowed("names_hidden", "The copy names the student, and names are hidden until grades are released.")
    else:
        review = approved_review(session, work)
    if review is None:
        raise NotFound("copy_unknown")
    return review


def _answer(
    session: Session, viewer: Viewer, activity: Placement, work: Submission, given: MarkInput, mark: PageMark | None
) -> ResponseReturnValue:
    """The marks of the page as they are now, or without a script the desk at that page."""
    if not _is_script():
        return redirect(_back(work, given), 303)
    question = request.form.get("question", type=int)
    marks = marks_to_work_with(session, viewer, activity, work, criterion_id=question)
    html = render_template(
        "grading/pagemarks/_page.html",
        submission=work,
        page_marks=marks,
        file_number=given.file_number,
        page=given.page,
        **mark_words(),
    )
    placed = {"mark": str(mark.id), "version": mark.version} if mark else {}
    return {"html": html, "state": marks.state, "is_saved": marks.are_saved, **placed}


def _refused(viewer: Viewer, submission_id: UUID, error: InvalidInput) -> ResponseReturnValue:
    """The script shows the sentence; without it the desk does."""
    if _is_script():
        raise error
    db.session.rollback()
    return marking_page(viewer, submission_for(db.session(), viewer, submission_id), error), error.status


def _is_script() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _back(work: Submission, given: MarkInput) -> str:
    """To the page of the work that was marked, on the screen that was left."""
    place = f"page-{given.file_number}-{given.page}"
    criterion_id = request.form.get("question", type=int)
    if criterion_id is None:
        return url_for("grading.submission", submission_id=work.id, _anchor=place)
    return url_for("grading_questions.mark", criterion_id=criterion_id, work=work.id, _anchor=place)
