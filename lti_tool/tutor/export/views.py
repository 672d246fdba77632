"""The two downloads of a conversation, for its own person alone."""

from typing import Any
from uuid import UUID

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.tutor.conversations import conversation_for, find_active
from lti_tool.tutor.export.printing import printed
from lti_tool.tutor.export.transcript import Format, Transcript, direction_of, transcript_of
from lti_tool.tutor.models import Conversation
from lti_tool.tutor.wording import OUTCOMES, error_text
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.markdown import render_markdown

blueprint = launch_blueprint("tutor_export", __name__, "tutor")


@blueprint.get("/conversations/<uuid:conversation_id>/transcript.txt")
@guarded(Capability.USE)
def text(viewer: Viewer, conversation_id: UUID) -> ResponseReturnValue:
    return _text(viewer, conversation_for(db.session(), viewer, conversation_id))


@blueprint.get("/conversations/<uuid:conversation_id>/transcript.pdf")
@guarded(Capability.USE)
def pdf(viewer: Viewer, conversation_id: UUID) -> ResponseReturnValue:
    return _pdf(viewer, conversation_for(db.session(), viewer, conversation_id))


@blueprint.get("/transcript.txt")
@guarded(Capability.USE)
def active_text(viewer: Viewer) -> ResponseReturnValue:
    """Of the conversation that goes on: its page may have opened before it began."""
    return _text(viewer, _active(viewer))


@blueprint.get("/transcript.pdf")
@guarded(Capability.USE)
def active_pdf(viewer: Viewer) -> ResponseReturnValue:
    return _pdf(viewer, _active(viewer))


def _active(viewer: Viewer) -> Conversation:
    found = find_active(db.session(), viewer)
    if found is None:
        raise NotFound("conversation_unknown")
    return found


def _text(viewer: Viewer, conversation: Conversation) -> Response:
    transcript = transcript_of(db.session(), viewer, conversation, Format.TXT)
    written = render_template("tutor/transcript.txt", **_words(transcript))
    # Older Windows editors need the mark to see that it is UTF-8.
    return _file(f"\ufeff{written}".encode(), "text/plain; charset=utf-8", Format.TXT, transcript)


def _pdf(viewer: Viewer, conversation: Conversation) -> Response:
    transcript = transcript_of(db.session(), viewer, conversation, Format.PDF)
    page = render_template("tutor/transcript.html", **_words(transcript))
    return _file(printed(page), "application/pdf", Format.PDF, transcript)


def _words(transcript: Transcript) -> dict[str, Any]:
    return {
        "transcript": transcript,
        "locale": str(get_locale()).replace("_", "-"),
        "at": lambda moment: format_datetime(moment, "medium"),
        "outcomes": OUTCOMES,
        "error_text": error_text,
        "direction": direction_of,
        "render": render_markdown,
    }


def _file(content: bytes, media_type: str, kind: Format, transcript: Transcript) -> Response:
    name = f"{_('conversation')}-{transcript.began_at:%Y-%m-%d}.{kind}"
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
