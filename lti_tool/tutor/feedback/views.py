"""The thumbs under an answer: a form that comes back to the turn, or JSON for the script."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.tutor.conversations import turn_for
from lti_tool.tutor.feedback.rating import rate
from lti_tool.tutor.views import to_turn, wants_events
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify

blueprint = launch_blueprint("tutor_feedback", __name__, "tutor")


@blueprint.post("/turns/<uuid:turn_id>/feedback")
@guarded(Capability.USE)
def give(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    turn = turn_for(db.session(), viewer, turn_id)
    rate(db.session(), viewer, turn, request.form.get("value", 0, type=int), request.form.get("comment", ""))
    if wants_events():
        return {"value": turn.rating}
    if turn.rating:
        notify(_("Thank you. Your teachers see how often answers helped, not who said so."))
    return to_turn(turn)
