"""The page on which teachers say what is assessed work, where the tutor gives hints and no solutions."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.tutor.hints.marks import mark, works_of
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("tutor_hints", __name__, "tutor/assessed")


@blueprint.get("/")
@guarded(Capability.MANAGE)
def page(viewer: Viewer) -> ResponseReturnValue:
    placements, sources = works_of(db.session(), viewer)
    return render_template("tutor/assessed.html", placements=placements, sources=sources)


@blueprint.post("/")
@guarded(Capability.MANAGE)
def save(viewer: Viewer) -> ResponseReturnValue:
    """The ticked boxes are the whole truth: what is not ticked is not assessed."""
    mark(db.session(), viewer, _ticked(request.form.getlist("assessed")))
    notify(_("Saved."))
    return redirect(url_for("tutor_hints.page"), 303)


def _ticked(values: list[str]) -> frozenset[UUID]:
    try:
        return frozenset(UUID(value) for value in values)
    except ValueError as error:
        raise InvalidInput("work_malformed") from error
