"""Pages of a rubric: the editor, its versions, and the way out as a file."""

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.grading.activities import activity_for
from lti_tool.grading.models import Rubric, RubricKind
from lti_tool.grading.rubrics.comparing import differences
from lti_tool.grading.rubrics.drafts import RubricDraft, draft_of
from lti_tool.grading.rubrics.editing import pressed
from lti_tool.grading.rubrics.json_form import as_json
from lti_tool.grading.rubrics.sources.library import shared_rubric
from lti_tool.grading.rubrics.tables import rubric_csv
from lti_tool.grading.rubrics.typed import RubricForm, draft_from, empty_form, form_of, read_form
from lti_tool.grading.rubrics.versions import reviews_on, rubric_of, save_rubric, version_of, versions_of
from lti_tool.grading.rubrics.words import aspect_words, kind_words, note_words
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("grading_rubrics", __name__, "grading/rubric")


@blueprint.get("")
@guarded(Capability.MANAGE)
def editor(viewer: Viewer) -> ResponseReturnValue:
    """The latest version to be changed, or `from` an earlier one, or a `copy` of another activity's."""
    activity = activity_for(db.session(), viewer)
    return editor_page(activity, _opened(viewer, activity))


@blueprint.post("")
@guarded(Capability.MANAGE)
def change(viewer: Viewer) -> ResponseReturnValue:
    """Save what was typed, or with another button change the form and show it again."""
    activity = activity_for(db.session(), viewer)
    form = read_form(request.form)
    if request.form.get("do") != "save":
        return editor_page(activity, pressed(form, request.form.get("do", "")))
    try:
        _require_latest(activity)
        saved = save_rubric(db.session(), viewer, activity, draft_from(form))
    except InvalidInput as error:
        db.session.rollback()
        return editor_page(activity_for(db.session(), viewer), form, error=error), error.status
    notify(_("The rubric is saved as version %(number)s.", number=saved.version))
    return redirect(url_for("grading_rubrics.version", version=saved.version), 303)


@blueprint.get("/versions")
@guarded(Capability.MANAGE)
def versions(viewer: Viewer) -> ResponseReturnValue:
    session = db.session()
    activity = activity_for(session, viewer)
    return render_template(
        "grading/rubrics/versions.html",
        activity=activity,
        versions=versions_of(session, activity),
        used=reviews_on(session, activity),
        kinds=kind_words(),
    )


@blueprint.get("/versions/<int:version>")
@guarded(Capability.MANAGE)
def version(viewer: Viewer, version: int) -> ResponseReturnValue:
    """One version, and what it changed in the one before."""
    session = db.session()
    activity = activity_for(session, viewer)
    shown = version_of(session, activity, version)
    before = version_of(session, activity, version - 1) if version > 1 else None
    return render_template(
        "grading/rubrics/version.html",
        activity=activity,
        rubric=shown,
        before=before,
        differences=differences(draft_of(before), draft_of(shown)) if before else [],
        is_latest=_latest_version(activity) == version,
        used=reviews_on(session, activity).get(shown.id, 0),
        kinds=kind_words(),
        aspects=aspect_words(),
    )


@blueprint.get("/versions/<int:version>.csv")
@guarded(Capability.MANAGE)
def as_table(viewer: Viewer, version: int) -> Response:
    draft = draft_of(_version(viewer, version))
    return _download(Response(rubric_csv(draft), mimetype="text/csv"), version, "csv")


@blueprint.get("/versions/<int:version>.json")
@guarded(Capability.MANAGE)
def as_file(viewer: Viewer, version: int) -> Response:
    return _download(jsonify(as_json(draft_of(_version(viewer, version)))), version, "json")


def editor_page(
    activity: Placement,
    form: RubricForm,
    *,
    draft: RubricDraft | None = None,
    error: InvalidInput | None = None,
) -> str:
    """The editor with a form that is not saved; `draft` is where it came from, if from elsewhere."""
    current = rubric_of(db.session(), activity)
    return render_template(
        "grading/rubrics/editor.html",
        activity=activity,
        rubric=current,
        form=form,
        has_levels=form.kind is not RubricKind.GUIDE,
        kinds=kind_words(),
        notes=[note_words()[note] for note in sorted(draft.notes)] if draft else [],
        is_unsaved=draft is not None or "do" in request.form,
        error=error,
        wrong=error.details.get("field", "") if error else "",
    )


def _opened(viewer: Viewer, activity: Placement) -> RubricForm:
    session = db.session()
    earlier, source = request.args.get("from", type=int), request.args.get("copy")
    if earlier is not None:
        return form_of(draft_of(version_of(session, activity, earlier)))
    if source is not None:
        return form_of(shared_rubric(session, viewer, source))
    current = rubric_of(session, activity)
    return form_of(draft_of(current)) if current else empty_form(activity.points or 0)


def _require_latest(activity: Placement) -> None:
    """Two people who edit at once: the second looks at the first's version before making another."""
    latest = _latest_version(activity)
    if request.form.get("seen", type=int) != latest:
        raise InvalidInput(
            "rubric_outdated",
            "Somebody has saved version %(number)s meanwhile. Look at it under “Versions”; save again to make yours "
            "the next one.",
            {"number": latest},
        )


def _latest_version(activity: Placement) -> int:
    current = rubric_of(db.session(), activity)
    return current.version if current else 0


def _version(viewer: Viewer, version: int) -> Rubric:
    return version_of(db.session(), activity_for(db.session(), viewer), version)


def _download(response: Response, version: int, ending: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="rubric-{version}.{ending}"'
    return response
