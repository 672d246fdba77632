"""A recording in, its text out, for the script that records; without scripts nothing can be recorded."""

from flask import request
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.tutor.speech.recording import text_of_recording
from lti_tool.tutor.wording import refusal_text
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("tutor_speech", __name__, "tutor")


@blueprint.post("/speech")
@guarded(Capability.USE)
def transcribe(viewer: Viewer) -> ResponseReturnValue:
    try:
        sent = request.files.get("audio")
        if sent is None:
            raise InvalidInput("recording_unknown", "This is no recording that can be transcribed.")
        with sent.stream as stream:
            heard = text_of_recording(current_runtime(), viewer, stream)
    except ToolError as refusal:
        return {"error": refusal.code, "message": refusal_text(refusal)}, refusal.status
    return {"text": heard.text, "left_today": heard.left_today}
