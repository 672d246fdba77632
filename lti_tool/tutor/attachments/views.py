"""Uploading a file before the question is sent, as the script does, and seeing one's own again."""

from typing import Any
from uuid import UUID

from flask import Response, request, send_file, url_for
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files.store import FileStore
from lti_tool.tutor.attachments.asked import attachment_for
from lti_tool.tutor.attachments.models import AttachmentKind, TurnAttachment
from lti_tool.tutor.attachments.taking import take_attachment
from lti_tool.tutor.wording import refusal_text
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.runtime import current_runtime

blueprint = launch_blueprint("tutor_attachments", __name__, "tutor")
POLICY = "default-src 'none'; sandbox"


@blueprint.post("/attachments")
@guarded(Capability.USE)
def upload(viewer: Viewer) -> ResponseReturnValue:
    """One file; the id goes with the question."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return {"message": refusal_text(InvalidInput("attachment_unknown"))}, 400
    try:
        with sent.stream as stream:
            store = FileStore.of(current_runtime().settings)
            kept = take_attachment(db.session(), viewer, stream, sent.filename, store)
    except (InvalidInput, NotAllowed) as refusal:
        return {"error": refusal.code, "message": refusal_text(refusal)}, refusal.status
    return _shown(kept), 201


@blueprint.get("/attachments/<uuid:attachment_id>")
@guarded(Capability.USE)
def show(viewer: Viewer, attachment_id: UUID) -> Response:
    """A picture to be seen, a document to be saved: never a page of this origin."""
    attachment = attachment_for(db.session(), viewer, attachment_id)
    stored = attachment.file
    response = send_file(
        FileStore.of(current_runtime().settings).path(stored),
        mimetype=stored.media_type,
        as_attachment=attachment.kind == AttachmentKind.DOCUMENT,
        download_name=stored.name,
    )
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _shown(kept: TurnAttachment) -> dict[str, Any]:
    return {
        "id": str(kept.id),
        "name": kept.file.name,
        "kind": kept.kind,
        "url": url_for("tutor_attachments.show", attachment_id=kept.id),
    }
