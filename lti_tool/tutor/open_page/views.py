"""Whether the tutor knows the page that is open around it: only then does it say that a question is about that page."""

from flask import request
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.lti.course_modules import number_of
from lti_tool.tutor.open_page.finding import find_open_page
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint

blueprint = launch_blueprint("tutor_open_page", __name__, "tutor")


@blueprint.get("/page")
@guarded(Capability.USE)
def known_page(viewer: Viewer) -> ResponseReturnValue:
    """Its title; null for a page of another course, a hidden one, or one that was never read."""
    found = find_open_page(db.session(), viewer.course_id, number_of(request.args.get("cmid")))
    return {"title": found.title if found else None}
