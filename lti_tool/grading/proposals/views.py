"""Pages of the assistant's drafts: asking for them, their progress and cost, and what the model was given."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, ToolError
from lti_tool.grading.activities import activity_for, has_desk
from lti_tool.grading.agreement.gate import drafting_state
from lti_tool.grading.proposals.models import RunWay
from lti_tool.grading.proposals.runs import (
    ask_for_drafts,
    failed_items,
    latest_run,
    progress_of,
    run_for,
    stop,
    undrafted,
)
from lti_tool.grading.proposals.showing import count_waiting, seen_by_model, waiting_drafts
from lti_tool.grading.proposals.words import gate_words, reason_words, state_words, way_words
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.submissions import submission_for
from lti_tool.llm.usage import shown_cost
from lti_tool.site_settings.grading import DRAFT_HOUR, PROVIDER_BATCHES
from lti_tool.site_settings.store import read
from lti_tool.site_settings.switches import Feature, is_on
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.navigation import COUNTS
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_proposals", __name__, "grading/drafts")


def drafts_waiting(session: Session, viewer: Viewer) -> int:
    """For the tab of the activity: how many drafts wait for a person (R63); students are told nothing of them."""
    if not viewer.may(Capability.GRADE) or not has_desk(viewer):
        return 0
    activity = session.get_one(Placement, viewer.placement_id)
    return count_waiting(session, activity) if activity.points is not None else 0


COUNTS["grading.home"] = drafts_waiting


@blueprint.get("")
@guarded(Capability.GRADE)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer, activity_for(db.session(), viewer))


@blueprint.get("/progress")
@guarded(Capability.GRADE)
def progress(viewer: Viewer) -> ResponseReturnValue:
    """The part of the page that changes while drafts are made."""
    return render_template("grading/proposals/_progress.html", **_standing(viewer, activity_for(db.session(), viewer)))


@blueprint.post("")
@guarded(Capability.GRADE)
def ask(viewer: Viewer) -> ResponseReturnValue:
    """Drafts for all work that waits for one."""
    session = db.session()
    activity = activity_for(session, viewer)
    way = _way(request.form.get("way", ""))
    try:
        ask_for_drafts(session, viewer, activity, undrafted(session, activity), way)
    except (InvalidInput, NotAllowed) as error:
        db.session.rollback()
        return _page(viewer, activity_for(session, viewer), error), error.status
    notify(_("Drafts were asked for. This page shows how far they are."), "info")
    return redirect(url_for("grading_proposals.page"), 303)


@blueprint.post("/submissions/<uuid:submission_id>")
@guarded(Capability.GRADE)
def ask_for_one(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """A draft for one submission, at once."""
    session = db.session()
    activity, submission = activity_for(session, viewer), submission_for(session, viewer, submission_id)
    try:
        ask_for_drafts(session, viewer, activity, [submission], RunWay.AT_ONCE)
    except (InvalidInput, NotAllowed) as error:
        db.session.rollback()
        return _page(viewer, activity_for(session, viewer), error), error.status
    notify(_("A draft was asked for. It will stand beside the marks."), "info")
    return redirect(url_for("grading.submission", submission_id=submission_id), 303)


@blueprint.post("/runs/<uuid:draft_run_id>/stop")
@guarded(Capability.GRADE)
def stop_run(viewer: Viewer, draft_run_id: UUID) -> ResponseReturnValue:
    activity_for(db.session(), viewer)
    stop(db.session(), viewer, run_for(db.session(), viewer, draft_run_id))
    notify(_("Stopped. Drafts that were made stay."), "info")
    return redirect(url_for("grading_proposals.page"), 303)


@blueprint.get("/<uuid:proposal_id>/seen")
@guarded(Capability.GRADE)
def seen(viewer: Viewer, proposal_id: UUID) -> ResponseReturnValue:
    """The very messages that the model got."""
    proposal = seen_by_model(db.session(), viewer, proposal_id)
    return render_template("grading/proposals/seen.html", proposal=proposal, cost=shown_cost(proposal.cost_micros))


def _page(viewer: Viewer, activity: Placement, error: ToolError | None = None) -> str:
    session = db.session()
    return render_template(
        "grading/proposals/page.html",
        gate=drafting_state(session, activity),
        gate_words=gate_words(),
        rubric=rubric_of(session, activity),
        is_on=is_on(session, Feature.GRADING_PROPOSALS, viewer.course_id),
        hour=read(session, DRAFT_HOUR),
        takes_batches=read(session, PROVIDER_BATCHES),
        error=error,
        **_standing(viewer, activity),
    )


def _standing(viewer: Viewer, activity: Placement) -> dict[str, object]:
    session = db.session()
    run = latest_run(session, activity)
    shown = progress_of(session, run) if run else None
    return {
        "activity": activity,
        "progress": shown,
        "cost": shown_cost(shown.cost_micros) if shown else None,
        "failed": failed_items(session, run) if run else [],
        "undrafted": len(undrafted(session, activity)),
        "waiting": waiting_drafts(session, activity),
        "states": state_words(),
        "ways": way_words(),
        "reason": reason_words,
    }


def _way(name: str) -> RunWay:
    try:
        way = RunWay(name)
    except ValueError as error:
        raise InvalidInput("way_unknown", "Choose when the drafts are to be made.") from error
    if way is RunWay.PROVIDER and not read(db.session(), PROVIDER_BATCHES):
        raise InvalidInput("way_unknown", "Choose when the drafts are to be made.")
    return way
