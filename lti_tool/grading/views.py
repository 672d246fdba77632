"""Pages of the graded activity: task, receipt and feedback for students; staff are shown the desk."""

from pathlib import Path
from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.gradebook.anonymity import names_hidden
from lti_tool.grading import handing_in, rules
from lti_tool.grading.activities import activity_for, online_activity_for
from lti_tool.grading.covering import covered_picture, require_nothing_covered
from lti_tool.grading.desk.annotating import shown_parts
from lti_tool.grading.desk.views import marking_page, queue_page
from lti_tool.grading.feedback_page import feedback_for
from lti_tool.grading.handing_in import SentFile, Work, hand_in
from lti_tool.grading.intake.drafts import find_draft
from lti_tool.grading.models import Submission, SubmissionFile
from lti_tool.grading.pagemarks.released import marks_of_review, released_review
from lti_tool.grading.pagemarks.words import mark_words
from lti_tool.grading.proposals.asking import may_show_pictures, may_show_work
from lti_tool.grading.regrades import ask_regrade
from lti_tool.grading.reviewing import note_viewed
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.showing import is_picture, numbered_name, require_page, shown_files
from lti_tool.grading.submissions import attempts_of, file_of, own_attempts, submission_for
from lti_tool.grading.tasks import work_so_far
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.homes import HOMES
from lti_tool.web.markdown import render_markdown
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading", __name__)
FILE_POLICY = "default-src 'none'; sandbox"


@blueprint.get("")
@guarded(Capability.USE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The queue for who grades, the task for who hands in; a paper exam's students have a page of their own."""
    activity = activity_for(db.session(), viewer)
    if viewer.is_staff:
        return queue_page(viewer, activity)
    if activity.kind != PlacementKind.ACTIVITY:
        return _to_own_page(activity)
    return _task_page(viewer, activity)


@blueprint.get("/review")
@guarded(Capability.USE)
def review(viewer: Viewer) -> ResponseReturnValue:
    """A launch from the gradebook about one student (submission review)."""
    activity = activity_for(db.session(), viewer)
    person_id = viewer.reviewed_person_id
    if not viewer.is_staff or person_id is None:
        return redirect(url_for("grading.home"), 303)
    if names_hidden(db.session(), activity, person_id):
        notify(_("Names are hidden here until the grades are released, so no name leads to a work."), "info")
        return redirect(url_for("grading.home"), 303)
    attempts = attempts_of(db.session(), viewer, person_id)
    if not attempts:
        notify(_("This student has handed in nothing yet."), "info")
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=attempts[0].id), 303)


@blueprint.post("/submit")
@guarded(Capability.USE)
def submit(viewer: Viewer) -> ResponseReturnValue:
    activity = online_activity_for(db.session(), viewer)
    try:
        handed_in = hand_in(db.session(), viewer, activity, _sent_work(), _store())
    except InvalidInput as error:
        db.session.rollback()
        return _task_page(viewer, activity, error), error.status
    notify(_("Your work was handed in: attempt %(number)s. The receipt is below.", number=handed_in.attempt))
    return redirect(url_for("grading.home"), 303)


@blueprint.get("/submissions/<uuid:submission_id>")
@guarded(Capability.USE)
def submission(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """One attempt: to mark for who grades, to read for who wrote it."""
    session = db.session()
    shown = submission_for(session, viewer, submission_id)
    if viewer.may(Capability.GRADE):
        note_viewed(session, viewer, shown)
        return marking_page(viewer, shown)
    parts = shown_parts(shown, shown_files(shown), work_so_far(session, _store(), shown))
    decided = released_review(session, viewer, activity_for(session, viewer), shown)
    marks = marks_of_review(session, decided)
    return render_template(
        "grading/own_work.html", submission=shown, parts=parts, page_marks=marks, decided=decided, **mark_words()
    )


@blueprint.get("/submissions/<uuid:submission_id>/files/<int:number>")
@guarded(Capability.USE)
def file(viewer: Viewer, submission_id: UUID, number: int) -> Response:
    """Pictures are shown unless they are asked for as a download; everything else is only ever downloaded.

    Links say so in the address: in a frame, browsers send no cookie with what the `download` attribute asks for.
    """
    session = db.session()
    shown = submission_for(session, viewer, submission_id)
    row = file_of(shown, number)
    is_hidden = _is_hidden(viewer, shown)
    if is_hidden:
        require_nothing_covered(row)
    response = send_file(
        _store().path(row.file),
        mimetype=row.file.media_type if is_picture(row) else "application/octet-stream",
        as_attachment=not is_picture(row) or "download" in request.args,
        download_name=numbered_name(row) if is_hidden else row.file.name,
        conditional=True,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@blueprint.get("/submissions/<uuid:submission_id>/files/<int:number>/pages/<int:page>.webp")
@guarded(Capability.USE)
def picture(viewer: Viewer, submission_id: UUID, number: int, page: int) -> Response:
    """A page of a PDF as a picture: never the file itself, which may hold scripts and attachments."""
    shown = submission_for(db.session(), viewer, submission_id)
    row = file_of(shown, number)
    require_page(row, page)
    draw = covered_picture if _is_hidden(viewer, shown) else _whole_picture
    response = send_file(draw(_store(), row, page), mimetype="image/webp", conditional=True)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def _is_hidden(viewer: Viewer, shown: Submission) -> bool:
    """Whether the viewer marks and may not know whose work it is."""
    return viewer.is_staff and names_hidden(db.session(), activity_for(db.session(), viewer), shown.person_id)


def _whole_picture(store: FileStore, row: SubmissionFile, page: int) -> Path:
    return page_image(store, row.file, page)


@blueprint.post("/regrade")
@guarded(Capability.USE)
def regrade(viewer: Viewer) -> ResponseReturnValue:
    activity = activity_for(db.session(), viewer)
    try:
        ask_regrade(db.session(), viewer, activity, request.form.get("reason", ""))
    except InvalidInput as error:
        db.session.rollback()
        if activity.kind != PlacementKind.ACTIVITY:
            notify(told(error), "danger")
            return _to_own_page(activity)
        return _task_page(viewer, activity, error), error.status
    notify(_("Your request was sent. The answer will be shown on this page."))
    return _to_own_page(activity)


def _to_own_page(activity: Placement) -> ResponseReturnValue:
    """Where a student sees task, work and grade."""
    return redirect(url_for(HOMES[PlacementKind(activity.kind)]), 303)


def _task_page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
    session = db.session()
    return render_template(
        "grading/task.html",
        activity=activity,
        task=render_markdown(activity.description) if activity.description else "",
        rubric=rubric_of(session, activity),
        attempts=own_attempts(session, viewer),
        **feedback_for(session, viewer, activity, _store()),
        is_late=rules.is_late(activity, now()),
        hand_in=rules.rules_of(activity),
        closes_at=rules.closes_at(activity),
        draft=find_draft(session, viewer, activity),
        may_show_work=may_show_work(session, current_runtime().secrets, viewer.course_id),
        may_show_pictures=may_show_pictures(session, current_runtime().secrets, viewer.course_id),
        closed=handing_in.closed_because(session, viewer, activity),
        client_key=request.form.get("client_key") or str(uuid4()),
        most_megabytes=read(session, MAX_FILE_SIZE_MB, viewer.course_id),
        most_characters=handing_in.LONGEST_TEXT,
        error=error,
    )


def _sent_work() -> Work:
    files = [
        SentFile(name=sent.filename, stream=sent.stream) for sent in request.files.getlist("files") if sent.filename
    ]
    return Work(client_key=request.form.get("client_key", ""), text=request.form.get("text", ""), files=files)


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)
