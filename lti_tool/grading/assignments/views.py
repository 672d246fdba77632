"""Pages of a course's Moodle assignments: those marked here, and choosing one."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import find_moodle_course, may_be_in_moodle
from lti_tool.accounts.moving_on import move_on
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound, PlatformFailed, ToolError
from lti_tool.gradebook.assignments.models import WorkflowState
from lti_tool.grading.assignments.choosing import change_handling, choose
from lti_tool.grading.assignments.offered import Offer, assignment_for, marked_here, offer
from lti_tool.grading.assignments.origin import WorkOrigin, find_origin
from lti_tool.grading.assignments.standing import standing_of
from lti_tool.grading.assignments.tasks import ask_for_work
from lti_tool.grading.models import Submission
from lti_tool.moodle.functions import MARKING, READING_BACK
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("assignments", __name__)


@blueprint.get("")
@guarded(Capability.GRADE)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The assignments that are marked here."""
    session = db.session()
    course = session.get_one(Course, viewer.course_id)
    return render_template(
        "grading/assignments/list.html",
        standings=[standing_of(session, assignment) for assignment in marked_here(session, viewer)],
        is_moodle=may_be_in_moodle(course),
        has_token=find_moodle_course(session, current_runtime().secrets, course.id) is not None,
        workflow_words=_workflow_words(),
        translated=_,
    )


@blueprint.get("/choose")
@guarded(Capability.MANAGE)
def offered(viewer: Viewer) -> ResponseReturnValue:
    """Every assignment that the course has in Moodle now."""
    try:
        return _choice(offer(current_runtime(), db.session(), viewer))
    except (NotFound, PlatformFailed) as error:
        return _choice(None, error)


@blueprint.post("/choose")
@guarded(Capability.MANAGE)
def choose_one(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    try:
        chosen = choose(current_runtime(), session, viewer, _number(request.form.get("assignment", "")))
    except (InvalidInput, NotFound, PlatformFailed) as error:
        db.session.rollback()
        return _choice(None, error), error.status
    notify(_("“%(title)s” is marked here now. Its work is being fetched.", title=chosen.placement.title))
    return redirect(url_for("assignments.home"), 303)


@blueprint.post("/<uuid:placement_id>/open")
@guarded(Capability.GRADE)
def open_desk(viewer: Viewer, placement_id: UUID) -> ResponseReturnValue:
    """To the marking desk of an assignment, in a launch of its own."""
    session = db.session()
    assignment = assignment_for(session, viewer, placement_id)
    return redirect(url_for("grading.home", launch_id=move_on(session, viewer, assignment.placement)), 303)


@blueprint.post("/<uuid:placement_id>/fetch")
@guarded(Capability.GRADE)
def fetch(viewer: Viewer, placement_id: UUID) -> ResponseReturnValue:
    session = db.session()
    ask_for_work(session, assignment_for(session, viewer, placement_id))
    notify(_("Moodle is being asked for new work. Reload this page in a moment."), "info")
    return redirect(url_for("assignments.home"), 303)


@blueprint.post("/<uuid:placement_id>/handling")
@guarded(Capability.MANAGE)
def handling(viewer: Viewer, placement_id: UUID) -> ResponseReturnValue:
    session = db.session()
    assignment = assignment_for(session, viewer, placement_id)
    state = request.form.get("workflow_state", assignment.workflow_state)
    change_handling(session, viewer, assignment, is_polled="is_polled" in request.form, workflow_state=state)
    notify(_("Saved."))
    return redirect(url_for("assignments.home"), 303)


@blueprint.app_template_global("work_origin")
def work_origin(submission: Submission) -> WorkOrigin | None:
    """For the marking desk, which knows nothing of Moodle."""
    return find_origin(db.session(), submission)


def _choice(found: Offer | None, error: ToolError | None = None) -> str:
    return render_template(
        "grading/assignments/choose.html",
        offer=found,
        refusal=told(error) if error else "",
        functions=MARKING.functions,
        more_functions=READING_BACK.functions,
    )


def _workflow_words() -> dict[str, str]:
    return {
        WorkflowState.READY_FOR_REVIEW: _("Ready for review: somebody looks at them again in Moodle"),
        WorkflowState.READY_FOR_RELEASE: _("Ready for release: somebody releases them in Moodle"),
        WorkflowState.RELEASED: _("Released: students see them at once"),
    }


def _number(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 18:
        raise InvalidInput("assignment_malformed", "Choose an assignment.")
    return int(text)
