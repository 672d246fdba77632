"""Pages of the graded activity: task, receipt and feedback for students; queue, marking and rubric for staff."""

from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.grading import handing_in, regrades
from lti_tool.grading.activities import activity_for
from lti_tool.grading.feedback import find_feedback
from lti_tool.grading.handing_in import SentFile, Work, hand_in
from lti_tool.grading.marking_form import read_marking
from lti_tool.grading.models import Review, Submission, Tick
from lti_tool.grading.queue import WorkState, next_in_queue, queue_rows
from lti_tool.grading.regrades import answer_regrade, ask_regrade, regrade_for
from lti_tool.grading.reviewing import latest_review, note_viewed, save_review
from lti_tool.grading.rubrics.versions import rubric_as_text, rubric_of, save_rubric
from lti_tool.grading.showing import is_picture, require_page, shown_files
from lti_tool.grading.submissions import attempts_of, file_of, own_attempts, submission_for
from lti_tool.grading.without_work import grade_without_work, read_marks
from lti_tool.grading.words import state_words
from lti_tool.site_settings.catalogue import MAX_FILE_SIZE_MB
from lti_tool.site_settings.store import read
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading", __name__)
FILE_POLICY = "default-src 'none'; sandbox"


@blueprint.get("")
@guarded(Capability.USE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The queue for who grades, the task for who hands in."""
    activity = activity_for(db.session(), viewer)
    return _queue_page(viewer, activity) if viewer.is_staff else _task_page(viewer, activity)


@blueprint.get("/review")
@guarded(Capability.USE)
def review(viewer: Viewer) -> ResponseReturnValue:
    """A launch from the gradebook about one student (submission review)."""
    activity_for(db.session(), viewer)
    person_id = viewer.reviewed_person_id
    if not viewer.is_staff or person_id is None:
        return redirect(url_for("grading.home"), 303)
    attempts = attempts_of(db.session(), viewer, person_id)
    if not attempts:
        notify(_("This student has handed in nothing yet."), "info")
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=attempts[0].id), 303)


@blueprint.post("/submit")
@guarded(Capability.USE)
def submit(viewer: Viewer) -> ResponseReturnValue:
    activity = activity_for(db.session(), viewer)
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
        return _marking_page(viewer, shown)
    return render_template("grading/own_work.html", submission=shown, files=shown_files(shown, _store()))


@blueprint.get("/submissions/<uuid:submission_id>/files/<int:number>")
@guarded(Capability.USE)
def file(viewer: Viewer, submission_id: UUID, number: int) -> Response:
    """Pictures are shown; everything else is only ever downloaded."""
    row = file_of(submission_for(db.session(), viewer, submission_id), number)
    response = send_file(
        _store().path(row.file),
        mimetype=row.file.media_type if is_picture(row) else "application/octet-stream",
        as_attachment=not is_picture(row),
        download_name=row.file.name,
        conditional=True,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@blueprint.get("/submissions/<uuid:submission_id>/files/<int:number>/pages/<int:page>.webp")
@guarded(Capability.USE)
def picture(viewer: Viewer, submission_id: UUID, number: int, page: int) -> Response:
    """A page of a PDF as a picture: never the file itself, which may hold scripts and attachments."""
    row = file_of(submission_for(db.session(), viewer, submission_id), number)
    require_page(row, page)
    response = send_file(page_image(_store(), row.file, page), mimetype="image/webp", conditional=True)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@blueprint.post("/submissions/<uuid:submission_id>/review")
@guarded(Capability.GRADE)
def mark(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """Save the marks, and with the other button approve them and go on to the next."""
    session = db.session()
    activity, marked = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    try:
        grade = save_review(session, viewer, activity, marked, read_marking(request.form))
    except InvalidInput as error:
        db.session.rollback()
        return _marking_page(viewer, submission_for(session, viewer, submission_id), error), error.status
    if "approve" not in request.form:
        notify(_("Saved. The student sees nothing until the grade is approved."))
        return redirect(url_for("grading.submission", submission_id=marked.id), 303)
    approve(session, viewer, grade, version=grade.version)
    notify(_("Approved: the grade of %(name)s is on its way.", name=marked.person.display_name))
    return _on_to_next(viewer, activity, marked)


@blueprint.post("/without-work")
@guarded(Capability.GRADE)
def mark_without_work(viewer: Viewer) -> ResponseReturnValue:
    """A grade where nothing was handed in; with the other button it is approved."""
    session = db.session()
    activity = activity_for(session, viewer)
    try:
        grade = grade_without_work(session, viewer, activity, read_marks(request.form))
    except InvalidInput as error:
        db.session.rollback()
        return _queue_page(viewer, activity_for(session, viewer), error), error.status
    if "approve" in request.form:
        approve(session, viewer, grade, version=grade.version)
    words = _("Approved: the grade is on its way."), _("Saved. The student sees nothing until the grade is approved.")
    notify(words["approve" not in request.form])
    return redirect(url_for("grading.home"), 303)


@blueprint.post("/regrade")
@guarded(Capability.USE)
def regrade(viewer: Viewer) -> ResponseReturnValue:
    activity = activity_for(db.session(), viewer)
    try:
        ask_regrade(db.session(), viewer, activity, request.form.get("reason", ""))
    except InvalidInput as error:
        db.session.rollback()
        return _task_page(viewer, activity, error), error.status
    notify(_("Your request was sent. The answer will be shown on this page."))
    return redirect(url_for("grading.home"), 303)


@blueprint.post("/regrade/<uuid:request_id>/reply")
@guarded(Capability.GRADE)
def reply(viewer: Viewer, request_id: UUID) -> ResponseReturnValue:
    session = db.session()
    asked = regrade_for(session, viewer, request_id)
    person_id = asked.person_id
    latest = next(iter(attempts_of(session, viewer, person_id)), None)
    try:
        answer_regrade(session, viewer, asked, request.form.get("reply", ""))
    except InvalidInput as error:
        if latest is None:
            raise
        db.session.rollback()
        return _marking_page(viewer, submission_for(session, viewer, latest.id), error), error.status
    notify(_("Your answer was sent to the student."))
    if latest is None:
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=latest.id), 303)


@blueprint.get("/rubric")
@guarded(Capability.MANAGE)
def rubric(viewer: Viewer) -> ResponseReturnValue:
    return _rubric_page(activity_for(db.session(), viewer))


@blueprint.post("/rubric")
@guarded(Capability.MANAGE)
def change_rubric(viewer: Viewer) -> ResponseReturnValue:
    activity = activity_for(db.session(), viewer)
    try:
        saved = save_rubric(db.session(), viewer, activity, request.form.get("rubric", ""))
    except InvalidInput as error:
        db.session.rollback()
        return _rubric_page(activity_for(db.session(), viewer), error), error.status
    notify(_("The rubric is saved as version %(number)s.", number=saved.version))
    return redirect(url_for("grading.home"), 303)


def _task_page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
    session = db.session()
    feedback = find_feedback(session, viewer, activity)
    return render_template(
        "grading/task.html",
        activity=activity,
        rubric=rubric_of(session, activity),
        attempts=own_attempts(session, viewer),
        feedback=feedback,
        own_ticks=_ticks(feedback.review if feedback else None),
        is_late=handing_in.is_past_due(activity, now()),
        regrades=regrades.own_regrades(session, viewer, activity),
        closed=handing_in.closed_because(session, viewer, activity),
        client_key=request.form.get("client_key") or str(uuid4()),
        most_megabytes=read(session, MAX_FILE_SIZE_MB, viewer.course_id),
        most_characters=handing_in.LONGEST_TEXT,
        most_reason=regrades.LONGEST_TEXT,
        error=error,
    )


def _queue_page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
    rows = queue_rows(db.session(), viewer, activity)
    chosen = request.values.get("student", type=int)
    return render_template(
        "grading/queue.html",
        activity=activity,
        rubric=rubric_of(db.session(), activity),
        rows=rows,
        counts={state: sum(row.state is state for row in rows) for state in WorkState},
        handed_in=sum(row.submission is not None for row in rows),
        asked=sum(row.regrade is not None for row in rows),
        first=next_in_queue(rows, 0),
        states=state_words(),
        without_work=next((row for row in rows if row.person.id == chosen and row.may_be_graded_so), None),
        error=error,
    )


def _marking_page(viewer: Viewer, shown: Submission, error: InvalidInput | None = None) -> str:
    session = db.session()
    activity = activity_for(session, viewer)
    rows = queue_rows(session, viewer, activity)
    latest = latest_review(session, shown)
    current = rubric_of(session, activity)
    return render_template(
        "grading/marking.html",
        activity=activity,
        submission=shown,
        attempts=attempts_of(session, viewer, shown.person_id),
        files=shown_files(shown, _store()),
        row=next(row for row in rows if row.person.id == shown.person_id),
        following=next_in_queue(rows, shown.person_id),
        rubric=current,
        review=latest,
        ticks=_ticks(latest),
        is_other_rubric=latest is not None and latest.rubric_id != (current.id if current else None),
        regrades=regrades.regrades_of(session, viewer, activity, shown.person_id),
        states=state_words(),
        error=error,
    )


def _ticks(review: Review | None) -> dict[int, Tick]:
    return {tick.criterion_id: tick for tick in review.ticks} if review else {}


def _rubric_page(activity: Placement, error: InvalidInput | None = None) -> str:
    current = rubric_of(db.session(), activity)
    return render_template(
        "grading/rubric.html",
        activity=activity,
        rubric=current,
        text=request.form.get("rubric", rubric_as_text(current)),
        error=error,
    )


def _on_to_next(viewer: Viewer, activity: Placement, marked: Submission) -> ResponseReturnValue:
    following = next_in_queue(queue_rows(db.session(), viewer, activity), marked.person_id)
    if following is None:
        notify(_("Nothing else is waiting for you."), "info")
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=following.id), 303)


def _sent_work() -> Work:
    files = [
        SentFile(name=sent.filename, stream=sent.stream) for sent in request.files.getlist("files") if sent.filename
    ]
    return Work(client_key=request.form.get("client_key", ""), text=request.form.get("text", ""), files=files)


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)
