"""The desk's two pages, and the forms on them: save or approve marks, a grade without work, an answer to a request."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.grading import regrades
from lti_tool.grading.activities import activity_for
from lti_tool.grading.marking_form import read_marking
from lti_tool.grading.models import Submission
from lti_tool.grading.queue import WorkState, next_in_queue, queue_rows
from lti_tool.grading.regrades import answer_regrade, regrade_for
from lti_tool.grading.reviewing import latest_review, save_review, ticks_of
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.showing import shown_files
from lti_tool.grading.submissions import attempts_of, submission_for
from lti_tool.grading.without_work import grade_without_work, read_marks
from lti_tool.grading.words import state_words
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_desk", __name__, "grading")


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
        return marking_page(viewer, submission_for(session, viewer, submission_id), error), error.status
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
        return queue_page(viewer, activity_for(session, viewer), error), error.status
    if "approve" in request.form:
        approve(session, viewer, grade, version=grade.version)
    words = _("Approved: the grade is on its way."), _("Saved. The student sees nothing until the grade is approved.")
    notify(words["approve" not in request.form])
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
        return marking_page(viewer, submission_for(session, viewer, latest.id), error), error.status
    notify(_("Your answer was sent to the student."))
    if latest is None:
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=latest.id), 303)


def queue_page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
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


def marking_page(viewer: Viewer, shown: Submission, error: InvalidInput | None = None) -> str:
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
        files=shown_files(shown, FileStore.of(current_runtime().settings)),
        row=next(row for row in rows if row.person.id == shown.person_id),
        following=next_in_queue(rows, shown.person_id),
        rubric=current,
        review=latest,
        ticks=ticks_of(latest),
        is_other_rubric=latest is not None and latest.rubric_id != (current.id if current else None),
        regrades=regrades.regrades_of(session, viewer, activity, shown.person_id),
        states=state_words(),
        error=error,
    )


def _on_to_next(viewer: Viewer, activity: Placement, marked: Submission) -> ResponseReturnValue:
    following = next_in_queue(queue_rows(db.session(), viewer, activity), marked.person_id)
    if following is None:
        notify(_("Nothing else is waiting for you."), "info")
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=following.id), 303)
