"""Deliveries to Moodle: staff choose where papers go and see to what is stuck, a student hands in with a key."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Course
from lti_tool.accounts.moodle_courses import find_moodle_course, may_be_in_moodle
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound, PlatformFailed, ToolError
from lti_tool.moodle.functions import FEEDBACK_FILES, HANDING_IN, WATCHING
from lti_tool.scans.delivery.board import (
    address_of,
    delivery_board,
    delivery_for,
    settle_by_hand,
    steps_of,
    try_again,
    waiting_for_staff,
)
from lti_tool.scans.delivery.keys import hand_in_again, lend_key, own_work, revoke_key
from lti_tool.scans.delivery.showing import Whereabouts, whereabouts
from lti_tool.scans.delivery.states import SETTLEABLE, Mode
from lti_tool.scans.delivery.targets import Offer, active_target, choose_target, offer, stop_delivery
from lti_tool.scans.delivery.tasks import nudge
from lti_tool.scans.delivery.words import kind_words, mode_words, reason_words, state_words, step_words
from lti_tool.scans.exam import exam_of
from lti_tool.scans.models import Paper
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("scans_delivery", __name__, "scans/delivery")


@blueprint.get("/")
@guarded(Capability.HANDLE_SCANS)
def home(viewer: Viewer) -> ResponseReturnValue:
    """The deliveries of the exam."""
    session = db.session()
    board = delivery_board(session, viewer)
    course = session.get_one(Course, viewer.course_id)
    return render_template(
        "scans/delivery/home.html",
        board=board,
        waiting=waiting_for_staff(board),
        is_moodle=may_be_in_moodle(course),
        has_token=find_moodle_course(session, current_runtime().secrets, course.id) is not None,
        settleable=SETTLEABLE,
        modes=mode_words(),
        kinds=kind_words(),
        states=state_words(),
        reasons=reason_words(),
    )


@blueprint.get("/<uuid:delivery_id>")
@guarded(Capability.HANDLE_SCANS)
def one(viewer: Viewer, delivery_id: UUID) -> ResponseReturnValue:
    """One delivery with all its steps."""
    session = db.session()
    found = delivery_for(session, viewer, delivery_id)
    return render_template(
        "scans/delivery/one.html",
        delivery=found,
        url=address_of(session, found.target),
        steps=steps_of(session, found),
        settleable=SETTLEABLE,
        kinds=kind_words(),
        states=state_words(),
        reasons=reason_words(),
        done=step_words(),
    )


@blueprint.post("/<uuid:delivery_id>/again")
@guarded(Capability.HANDLE_SCANS)
def again(viewer: Viewer, delivery_id: UUID) -> ResponseReturnValue:
    try_again(db.session(), viewer, delivery_id)
    nudge(db.session())
    notify(_("It is tried again now. Reload this page in a moment."), "info")
    return redirect(url_for("scans_delivery.one", delivery_id=delivery_id), 303)


@blueprint.post("/<uuid:delivery_id>/settle")
@guarded(Capability.HANDLE_SCANS)
def settle(viewer: Viewer, delivery_id: UUID) -> ResponseReturnValue:
    settle_by_hand(db.session(), viewer, delivery_id, request.form.get("note", ""))
    notify(_("Kept as seen to by hand."))
    return redirect(url_for("scans_delivery.home"), 303)


@blueprint.get("/target")
@guarded(Capability.MANAGE)
def target(viewer: Viewer) -> ResponseReturnValue:
    """The assignments that papers may go to."""
    try:
        return _choice(viewer, offer(current_runtime(), db.session(), viewer))
    except (NotFound, PlatformFailed) as error:
        return _choice(viewer, None, error)


@blueprint.post("/target")
@guarded(Capability.MANAGE)
def choose(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    try:
        number, mode = _chosen()
        made = choose_target(current_runtime(), session, viewer, number, mode)
    except (InvalidInput, NotFound, PlatformFailed) as error:
        db.session.rollback()
        return _choice(viewer, None, error), error.status
    nudge(session)
    notify(_("Confirmed papers go to “%(title)s” from now on.", title=made.title))
    return redirect(url_for("scans_delivery.home"), 303)


@blueprint.post("/stop")
@guarded(Capability.MANAGE)
def stop(viewer: Viewer) -> ResponseReturnValue:
    stop_delivery(db.session(), viewer)
    notify(_("Nothing more is sent to Moodle's assignment. What lies there stays."))
    return redirect(url_for("scans_delivery.home"), 303)


@blueprint.get("/key")
@guarded(Capability.USE)
def key(viewer: Viewer) -> ResponseReturnValue:
    """The student's own paper, and the form for their key."""
    return _key_page(viewer)


@blueprint.post("/key")
@guarded(Capability.USE)
def lend(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    try:
        lend_key(
            current_runtime(),
            session,
            viewer,
            request.form.get("key", ""),
            accepts_statement="accepts_statement" in request.form,
        )
    except (InvalidInput, PlatformFailed) as error:
        db.session.rollback()
        return _key_page(viewer, error), error.status
    nudge(session)
    notify(_("Your paper is being handed in to Moodle. Reload this page in a moment."), "info")
    return redirect(url_for("scans_delivery.key"), 303)


@blueprint.post("/key/again")
@guarded(Capability.USE)
def again_with_key(viewer: Viewer) -> ResponseReturnValue:
    hand_in_again(db.session(), viewer)
    nudge(db.session())
    return redirect(url_for("scans_delivery.key"), 303)


@blueprint.post("/key/revoke")
@guarded(Capability.USE)
def revoke(viewer: Viewer) -> ResponseReturnValue:
    notify(_("Your key is forgotten.") if revoke_key(db.session(), viewer) else _("There was no key of yours here."))
    return redirect(url_for("scans_delivery.key"), 303)


@blueprint.app_template_global("paper_whereabouts")
def paper_whereabouts(paper: Paper) -> Whereabouts | None:
    """For the student's page: where in Moodle their confirmed paper is."""
    return whereabouts(db.session(), paper)


def _choice(viewer: Viewer, found: Offer | None, error: ToolError | None = None) -> str:
    session = db.session()
    return render_template(
        "scans/delivery/target.html",
        offer=found,
        refusal=told(error) if error else "",
        target=active_target(session, exam_of(session, viewer).id),
        modes=mode_words(),
        functions=sorted({*FEEDBACK_FILES.functions, *WATCHING.functions}),
        student_functions=HANDING_IN.functions,
        has_points=exam_of(session, viewer).points is not None,
    )


def _key_page(viewer: Viewer, error: ToolError | None = None) -> str:
    session = db.session()
    own = own_work(session, viewer)
    site = address_of(session, own.target).partition("/mod/")[0]
    return render_template(
        "scans/delivery/key.html",
        own=own,
        refusal=told(error) if error else "",
        url=address_of(session, own.target),
        keys_url=f"{site}/user/managetoken.php",
        states=state_words(),
        reasons=reason_words(),
    )


def _chosen() -> tuple[int, Mode]:
    """A button's value: number and way."""
    number, _colon, mode = request.form.get("assignment", "").partition(":")
    if not number.isdecimal() or not number.isascii() or len(number) > 18 or mode not in set(Mode):
        raise InvalidInput("assignment_malformed", _("Choose an assignment."))
    return int(number), Mode(mode)
