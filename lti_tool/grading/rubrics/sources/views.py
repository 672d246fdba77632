"""The page where a rubric comes from elsewhere; each way ends in the editor, with nothing saved."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.text import decoded
from lti_tool.errors import InvalidInput, ModelFailed, NotAllowed
from lti_tool.files.intake import accept
from lti_tool.files.media_types import WRITTEN
from lti_tool.grading.activities import activity_for
from lti_tool.grading.rubrics.drafts import RubricDraft
from lti_tool.grading.rubrics.sources.library import shared_rubrics
from lti_tool.grading.rubrics.sources.pasted import read_anything
from lti_tool.grading.rubrics.sources.proposing import propose_rubric, task_of, unavailable_because
from lti_tool.grading.rubrics.sources.words import unavailable_words
from lti_tool.grading.rubrics.typed import form_of
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.rubrics.views import editor_page
from lti_tool.llm.door import Door
from lti_tool.web.database import db
from lti_tool.web.error_pages import told
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("grading_sources", __name__, "grading/rubric/sources")
MOST_BYTES = 1024 * 1024


@blueprint.get("")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    return _page(viewer)


@blueprint.post("")
@guarded(Capability.MANAGE)
def pasted(viewer: Viewer) -> ResponseReturnValue:
    """What was pasted or uploaded, in the editor."""
    try:
        draft = read_anything(_uploaded() or request.form.get("text", ""))
    except InvalidInput as error:
        return _page(viewer, refusal=told(error)), error.status
    return _editor(viewer, draft)


@blueprint.post("/proposal")
@guarded(Capability.MANAGE)
def proposal(viewer: Viewer) -> ResponseReturnValue:
    """A model's draft, in the editor."""
    task = task_of(db.session(), viewer, activity_for(db.session(), viewer))
    # No connection is held while the model writes.
    db.session.rollback()
    try:
        draft = propose_rubric(_door(), task)
    except (InvalidInput, ModelFailed, NotAllowed) as error:
        return _page(viewer, refusal=told(error)), error.status
    return _editor(viewer, draft)


def _editor(viewer: Viewer, draft: RubricDraft) -> str:
    return editor_page(activity_for(db.session(), viewer), form_of(draft), draft=draft)


def _page(viewer: Viewer, refusal: str = "") -> str:
    session = db.session()
    activity = activity_for(session, viewer)
    why_not = unavailable_because(session, _door(), viewer, activity)
    return render_template(
        "grading/rubrics/sources.html",
        activity=activity,
        rubric=rubric_of(session, activity),
        shared=shared_rubrics(session, viewer),
        why_not=unavailable_words()[why_not] if why_not else "",
        refusal=refusal,
    )


def _uploaded() -> str:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return ""
    with accept(sent.stream, name=sent.filename, allowed=WRITTEN, max_bytes=MOST_BYTES) as upload:
        upload.stream.seek(0)
        return decoded(upload.stream.read())


def _door() -> Door:
    runtime = current_runtime()
    return Door(engine=runtime.engine, secrets=runtime.secrets)
