"""The desk's two pages, and the forms on them: save or approve marks, a grade without work, an answer to a request."""

from collections.abc import Collection
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.activities import activity_for
from lti_tool.grading.agreement.gate import is_hidden, next_to_sample
from lti_tool.grading.agreement.words import reason_words
from lti_tool.grading.desk.bank import bank_comment_for
from lti_tool.grading.desk.evidence import numbered, require_verbatim
from lti_tool.grading.desk.filling import Filling, from_form
from lti_tool.grading.desk.looking import note_marked, open_work
from lti_tool.grading.desk.moderation import marks_of, marks_that_wait, wants_independent_mark
from lti_tool.grading.desk.preferences import preference_of
from lti_tool.grading.desk.releasing import ready_to_approve, ready_to_release
from lti_tool.grading.desk.screen import screen_for
from lti_tool.grading.desk.together import decide, save_marks
from lti_tool.grading.desk.waiting import own_share, waiting_rows
from lti_tool.grading.desk.words import how_words, order_words
from lti_tool.grading.marking_form import read_marking
from lti_tool.grading.models import Submission
from lti_tool.grading.pagemarks.words import mark_words
from lti_tool.grading.proposals.runs import may_be_drafted
from lti_tool.grading.proposals.words import flag_words
from lti_tool.grading.queue import WorkState, next_in_queue
from lti_tool.grading.reading import readable_work
from lti_tool.grading.regrades import answer_regrade, regrade_for
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import attempts_of, submission_for
from lti_tool.grading.without_work import grade_without_work, read_marks
from lti_tool.grading.words import state_words
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_desk", __name__, "grading")


def queue_page(viewer: Viewer, activity: Placement, error: InvalidInput | None = None) -> str:
    """Who handed in, where each grade is, and what can be done for many at once."""
    session = db.session()
    everybody = waiting_rows(session, viewer, activity)
    rows = own_share(session, viewer, activity, everybody)
    chosen = request.values.get("student", type=int)
    return render_template(
        "grading/queue.html",
        activity=activity,
        options=marking_options(activity),
        rubric=rubric_of(session, activity),
        rows=rows,
        counts={state: sum(row.state is state for row in rows) for state in WorkState},
        handed_in=sum(row.submission is not None for row in rows),
        asked=sum(row.regrade is not None for row in rows),
        first=next_in_queue(rows, 0),
        states=state_words(),
        to_approve={row.person.id for row in ready_to_approve(session, activity, rows)},
        to_release=len(ready_to_release(session, activity, everybody)),
        held=sum(row.state is WorkState.HELD for row in everybody),
        preference=preference_of(session, viewer),
        orders=order_words(),
        reasons=reason_words(),
        without_work=next((row for row in everybody if row.person.id == chosen and row.may_be_graded_so), None),
        error=error,
    )


def marking_page(
    viewer: Viewer, shown: Submission, error: InvalidInput | None = None, filling: Filling | None = None
) -> str:
    """Work, rubric and feedback of one submission; `filling` is a form that comes back."""
    session = db.session()
    activity = activity_for(session, viewer)
    screen = screen_for(session, viewer, activity, shown, _store(), taken=request.args.get("take", ""))
    open_work(session, viewer, shown, had_draft=screen.proposal is not None)
    return render_template(
        "grading/marking.html",
        screen=screen,
        activity=activity,
        submission=shown,
        row=screen.row,
        rubric=screen.rubric,
        regrades=screen.regrades,
        filling=filling or screen.filling,
        numbers=numbered(screen.rubric),
        states=state_words(),
        orders=order_words(),
        hows=how_words(),
        flag_words=flag_words(),
        may_draft=screen.proposal is None
        and not screen.wants_mark
        and screen.review is None
        and may_be_drafted(session, activity, shown),
        error=error,
        **mark_words(),
    )


@blueprint.post("/submissions/<uuid:submission_id>/review")
@guarded(Capability.GRADE)
def mark(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """Save the marks, and with the other button approve them and go on to the next."""
    session = db.session()
    activity, marked = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    members = request.form.getlist("member")
    if "insert" in request.form:
        return marking_page(viewer, marked, filling=_with_comment(session, viewer))
    try:
        marking = read_marking(request.form)
        require_verbatim(readable_work(_store(), marked), marking)
        if wants_independent_mark(activity, marks_of(session, marked), latest_review(session, marked)):
            save_marks(session, viewer, activity, marked, marking, members)
            notify(_("Your mark is saved. It is shown to nobody until the second mark is in."))
            return _on_after_mark(viewer, activity, marked)
        grades = decide(session, viewer, activity, marked, marking, members)
        note_marked(session, viewer, marked)
    except InvalidInput as error:
        db.session.rollback()
        again = submission_for(session, viewer, submission_id)
        return marking_page(viewer, again, error, from_form(request.form)), error.status
    if "approve" not in request.form:
        notify(_("Saved. The student sees nothing until the grade is approved."))
        return redirect(url_for("grading.submission", submission_id=marked.id), 303)
    was_blind = is_hidden(session, marked)
    for grade in sorted(grades, key=lambda grade: grade.id):
        approve(session, viewer, grade, version=grade.version)
    _tell_approved(viewer, activity, {grade.person_id for grade in grades})
    return _on_in_sample(activity) if was_blind else _on_to_next(viewer, activity, marked)


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
    if "approve" not in request.form:
        notify(_("Saved. The student sees nothing until the grade is approved."))
    else:
        approve(session, viewer, grade, version=grade.version)
        held = _("Approved: the grade waits for its release.")
        notify(held if marking_options(activity).is_held else _("Approved: the grade is on its way."))
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


def _with_comment(session: Session, viewer: Viewer) -> Filling:
    """The form as it was sent, with a comment of the bank behind the feedback: the way without scripts."""
    comment = bank_comment_for(session, viewer, _uuid(request.form["insert"]))
    feedback = "\n\n".join(text for text in (request.form.get("feedback", "").strip(), comment.text) if text)
    return from_form({**request.form, "feedback": feedback})


def _tell_approved(viewer: Viewer, activity: Placement, people: Collection[int]) -> None:
    rows = waiting_rows(db.session(), viewer, activity)
    name = ", ".join(row.name for row in rows if row.person.id in people)
    if marking_options(activity).is_held:
        notify(_("Approved: the grade of %(name)s waits for its release.", name=name))
    else:
        notify(_("Approved: the grade of %(name)s is on its way.", name=name))


def _on_in_sample(activity: Placement) -> ResponseReturnValue:
    """Who grades the blind sample goes on in it, and sees at its end what came out."""
    following = next_to_sample(db.session(), activity)
    if following is not None:
        return redirect(url_for("grading.submission", submission_id=following), 303)
    notify(_("The blind sample is graded."), "info")
    return redirect(url_for("grading_agreement.page"), 303)


def _on_after_mark(viewer: Viewer, activity: Placement, marked: Submission) -> ResponseReturnValue:
    """Who marks as one of two goes on in the blind sample as well, past what is theirs no more."""
    session = db.session()
    done = marks_that_wait(session, viewer, activity) | {marked.id}
    following = next_to_sample(session, activity, besides=done) if is_hidden(session, marked) else None
    if following is not None:
        return redirect(url_for("grading.submission", submission_id=following), 303)
    return _on_to_next(viewer, activity, marked)


def _on_to_next(viewer: Viewer, activity: Placement, marked: Submission) -> ResponseReturnValue:
    session = db.session()
    rows = own_share(session, viewer, activity, waiting_rows(session, viewer, activity))
    following = next_in_queue(rows, marked.person_id)
    if following is None:
        notify(_("Nothing else is waiting for you."), "info")
        return redirect(url_for("grading.home"), 303)
    return redirect(url_for("grading.submission", submission_id=following.id), 303)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("comment_malformed") from error


def _store() -> FileStore:
    return FileStore.of(current_runtime().settings)
