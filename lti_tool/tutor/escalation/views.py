"""Pages of the questions for teachers: the student's form under an answer, the teachers' queue."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Person
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.tutor.conversations import turn_for
from lti_tool.tutor.escalation.answering import answer_question, close_question, join_questions
from lti_tool.tutor.escalation.asking import ask_a_human
from lti_tool.tutor.escalation.models import Escalation
from lti_tool.tutor.escalation.queue import answered_questions, escalation_for, waiting_count, waiting_questions
from lti_tool.tutor.escalation.sourcing import add_to_material
from lti_tool.tutor.views import to_turn
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.markdown import render_markdown
from lti_tool.web.navigation import COUNTS
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("questions", __name__)
COUNTS["questions.queue"] = waiting_count


@blueprint.post("/ask/<uuid:turn_id>")
@guarded(Capability.USE)
def ask(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    """A student's question to the teachers; back to the turn, where the answer will stand."""
    turn = turn_for(db.session(), viewer, turn_id)
    try:
        asked = ask_a_human(db.session(), viewer, turn, request.form.get("text", ""))
    except (InvalidInput, NotAllowed) as refusal:
        db.session.rollback()
        notify(_refused(refusal.code), "danger")
        return to_turn(turn)
    if asked.answer_markdown:
        notify(_("A teacher has answered this question before: see below."))
    else:
        notify(_("Your question is with your teachers. Their answer will appear below it."))
    return to_turn(turn)


@blueprint.get("")
@guarded(Capability.ANSWER)
def queue(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    return render_template(
        "questions/queue.html",
        waiting=waiting_questions(session, viewer),
        answered=answered_questions(session, viewer),
        render=render_markdown,
    )


@blueprint.post("/<uuid:escalation_id>/answer")
@guarded(Capability.ANSWER)
def answer(viewer: Viewer, escalation_id: UUID) -> ResponseReturnValue:
    """Answer or correct; with the box ticked, or where it is material already, the material has it too."""
    escalation = escalation_for(db.session(), viewer, escalation_id)
    try:
        answer_question(db.session(), viewer, escalation, request.form.get("text", ""))
    except InvalidInput as refusal:
        db.session.rollback()
        notify(_refused(refusal.code), "danger")
        return redirect(url_for("questions.queue"), 303)
    notify(_("Your answer is on its way to everybody who asked this."))
    if viewer.may(Capability.MANAGE) and (request.form.get("material") or escalation.source_id):
        _add(viewer, escalation)
    return redirect(url_for("questions.queue"), 303)


@blueprint.post("/<uuid:escalation_id>/material")
@guarded(Capability.MANAGE)
def material(viewer: Viewer, escalation_id: UUID) -> ResponseReturnValue:
    """One click: question and answer become a source that answers cite."""
    _add(viewer, escalation_for(db.session(), viewer, escalation_id))
    return redirect(url_for("questions.queue"), 303)


@blueprint.post("/<uuid:escalation_id>/join/<uuid:other_id>")
@guarded(Capability.ANSWER)
def join(viewer: Viewer, escalation_id: UUID, other_id: UUID) -> ResponseReturnValue:
    session = db.session()
    join_questions(
        session,
        viewer,
        escalation_for(session, viewer, escalation_id),
        escalation_for(session, viewer, other_id),
    )
    notify(_("The two questions are one now."))
    return redirect(url_for("questions.queue"), 303)


@blueprint.post("/<uuid:escalation_id>/close")
@guarded(Capability.ANSWER)
def close(viewer: Viewer, escalation_id: UUID) -> ResponseReturnValue:
    close_question(db.session(), viewer, escalation_for(db.session(), viewer, escalation_id))
    notify(_("The question was closed without an answer."))
    return redirect(url_for("questions.queue"), 303)


def _add(viewer: Viewer, escalation: Escalation) -> None:
    author = db.session.get_one(Person, escalation.author_id or viewer.person_id)
    day = format_date(escalation.answered_at)
    byline = _("Answered by %(name)s on %(day)s.", name=author.display_name, day=day)
    source = add_to_material(db.session(), viewer, escalation, FileStore.of(current_runtime().settings), byline=byline)
    notify(_("“%(title)s” is course material now, with the name of its author.", title=source.title))


def _refused(code: str) -> str:
    known = {
        "question_empty": _("Write a question first."),
        "question_too_long": _("Your question is too long. Shorten it and send it again."),
        "escalation_off": _("Questions to teachers are switched off in this course."),
        "escalation_limit": _("Many of your questions wait for a teacher already."),
        "turn_running": _("An answer is still being written. Wait for it or stop it."),
        "answer_empty": _("Write an answer first."),
    }
    return str(known.get(code) or _("This could not be sent. Shorten it and try again."))
