"""The page of a rubric's exemplars: the list, an answer to type, and approved work to copy without its author."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.files.store import FileStore
from lti_tool.grading.activities import activity_for
from lti_tool.grading.marking_form import read_points
from lti_tool.grading.models import Rubric
from lti_tool.grading.rubrics.exemplars.fitting import exemplars_of, outgrown
from lti_tool.grading.rubrics.exemplars.keeping import (
    LONGEST_NOTE,
    LONGEST_TEXT,
    Answer,
    Choice,
    approved_review_of,
    approved_reviews,
    keep_typed,
    keep_work,
    remove_exemplar,
    without_names,
)
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_exemplars", __name__, "grading/exemplars")


@blueprint.get("")
@guarded(Capability.MANAGE)
def table(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer)


@blueprint.post("")
@guarded(Capability.MANAGE)
def add(viewer: Viewer) -> ResponseReturnValue:
    """Keep an answer that was typed."""
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = _rubric(activity)
    try:
        keep_typed(session, viewer, activity, rubric, _answer(), _choices(rubric))
    except InvalidInput as error:
        db.session.rollback()
        return _page(viewer, error), error.status
    return _kept()


@blueprint.get("/from/<uuid:submission_id>")
@guarded(Capability.MANAGE)
def work(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    """Approved work as it would be kept, to be read and cut first."""
    return _work_page(viewer, submission_id)


@blueprint.post("/from/<uuid:submission_id>")
@guarded(Capability.MANAGE)
def add_work(viewer: Viewer, submission_id: UUID) -> ResponseReturnValue:
    session = db.session()
    activity = activity_for(session, viewer)
    try:
        keep_work(session, viewer, activity, approved_review_of(session, viewer, activity, submission_id), _answer())
    except InvalidInput as error:
        db.session.rollback()
        return _work_page(viewer, submission_id, error), error.status
    return _kept()


@blueprint.post("/<uuid:exemplar_id>/remove")
@guarded(Capability.MANAGE)
def remove(viewer: Viewer, exemplar_id: UUID) -> ResponseReturnValue:
    remove_exemplar(db.session(), viewer, activity_for(db.session(), viewer), exemplar_id)
    notify(_("The exemplar was removed."))
    return redirect(url_for("grading_exemplars.table"), 303)


def _page(viewer: Viewer, error: InvalidInput | None = None) -> str:
    session = db.session()
    activity = activity_for(session, viewer)
    rubric = _rubric(activity)
    shown = exemplars_of(session, rubric)
    return render_template(
        "grading/rubrics/exemplars.html",
        rubric=rubric,
        exemplars=shown,
        outgrown=outgrown(session, activity, shown),
        reviews=approved_reviews(session, viewer, activity),
        longest_text=LONGEST_TEXT,
        longest_note=LONGEST_NOTE,
        error=error,
    )


def _work_page(viewer: Viewer, submission_id: UUID, error: InvalidInput | None = None) -> str:
    session = db.session()
    review = approved_review_of(session, viewer, activity_for(session, viewer), submission_id)
    store = FileStore.of(current_runtime().settings)
    return render_template(
        "grading/rubrics/exemplar_from_work.html",
        review=review,
        rubric=review.rubric,
        text=request.form.get("text") or without_names(session, store, viewer, review.submission),
        longest_text=LONGEST_TEXT,
        longest_note=LONGEST_NOTE,
        error=error,
    )


def _rubric(activity: Placement) -> Rubric:
    rubric = rubric_of(db.session(), activity)
    if rubric is None:
        raise NotFound("rubric_unknown", "There is no rubric yet.")
    return rubric


def _answer() -> Answer:
    return Answer(text=request.form.get("text", ""), note=request.form.get("note", ""))


def _choices(rubric: Rubric) -> dict[int, Choice]:
    return {
        criterion.id: Choice(
            level_id=request.form.get(f"level-{criterion.id}", type=int),
            points=read_points(request.form.get(f"points-{criterion.id}", "")),
        )
        for criterion in rubric.criteria
    }


def _kept() -> ResponseReturnValue:
    notify(_("The exemplar is kept."))
    return redirect(url_for("grading_exemplars.table"), 303)
