"""The form under the last turn that asks it again, with the question as it stands in the form."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.tutor.asking import ask
from lti_tool.tutor.conversations import turn_for
from lti_tool.tutor.views import refused_question, started
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint

blueprint = launch_blueprint("tutor_versions", __name__, "tutor")


@blueprint.post("/turns/<uuid:turn_id>/again")
@guarded(Capability.USE)
def ask_again(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    turn = turn_for(db.session(), viewer, turn_id)
    text, key = request.form.get("text", turn.question), request.form.get("key", "")
    try:
        asked = ask(db.session(), viewer, text=text, client_key=key, replaces_id=turn.id)
    except (InvalidInput, NotAllowed) as error:
        return refused_question(viewer, error, draft=text)
    return started(viewer, asked)
