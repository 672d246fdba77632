"""The tutor's pages: they work without scripts, by forms and a page that reloads while an answer is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import event

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotAllowed, ToolError
from lti_tool.files.store import FileStore
from lti_tool.lti.course_modules import number_of
from lti_tool.site_settings.look import BOT_AVATAR, HEADER_TITLE
from lti_tool.site_settings.store import snapshot
from lti_tool.tutor.asking import Asked, ask, request_stop, try_again
from lti_tool.tutor.attachments.taking import require_few, take_attachment
from lti_tool.tutor.conversations import (
    archive_active,
    conversation_for,
    delete_conversation,
    is_archived,
    past_conversations,
    turn_for,
    turns_of,
)
from lti_tool.tutor.escalation.replies import NO_REPLIES, replies_for
from lti_tool.tutor.knowledge import knowledge_of
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.models import FrameKind, Turn
from lti_tool.tutor.notice import accept_notice, version_of
from lti_tool.tutor.reading import reading_of, rendered
from lti_tool.tutor.standing import standing_of
from lti_tool.tutor.turns import fail_abandoned
from lti_tool.tutor.wording import ERRORS, OUTCOMES, UNKNOWN, refusal_text
from lti_tool.web.database import db
from lti_tool.web.guards import guarded, launch_blueprint
from lti_tool.web.notices import notify
from lti_tool.web.runtime import EXTENSION, current_runtime

blueprint = launch_blueprint("tutor", __name__)
NODE = "lectern_tutor"


def install(app: Flask) -> None:
    """One node a process; it starts its threads with the first turn, so after a fork."""
    app.extensions[NODE] = TutorNode(app.extensions[EXTENSION])


def current_node() -> TutorNode:
    node = current_app.extensions[NODE]
    assert isinstance(node, TutorNode)
    return node


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Frames as events for a browser, with its addresses and in its language; usable in any thread."""

    errors: Mapping[str, str]
    unknown_error: str
    outcomes: Mapping[str, str]
    passage_address: Callable[[int], str]

    @classmethod
    def of_this_request(cls) -> "Wording":
        addresses = current_app.create_url_adapter(request)
        launch_id = g.launch_id
        assert addresses is not None
        return cls(
            errors={code: str(text) for code, text in ERRORS.items()},
            unknown_error=str(UNKNOWN),
            outcomes={outcome: str(text) for outcome, text in OUTCOMES.items()},
            passage_address=lambda chunk_id: addresses.build(
                "material.passage", {"launch_id": launch_id, "chunk_id": chunk_id}
            ),
        )

    def error(self, code: str) -> str:
        return self.errors.get(code, self.unknown_error)

    def event(self, turn_id: UUID, frame: Frame) -> dict[str, Any]:
        """The frame as JSON values."""
        return {"type": frame.kind, "turn": str(turn_id), "seq": frame.sequence, **frame.body, **self._added(frame)}

    def _added(self, frame: Frame) -> dict[str, Any]:
        match frame.kind:
            case FrameKind.ERROR:
                return {"text": self.error(frame.body["code"])}
            case FrameKind.DONE:
                return {"text": self.outcomes.get(frame.body["outcome"], "")}
            case FrameKind.CITATIONS:
                return {
                    "citations": [
                        {**citation, "url": self.passage_address(citation["chunk_id"])}
                        for citation in frame.body["citations"]
                    ]
                }
        return {}


@blueprint.get("/")
@guarded(Capability.USE)
def chat(viewer: Viewer) -> ResponseReturnValue:
    return _chat_page(viewer)


@blueprint.post("/questions")
@guarded(Capability.USE)
def post_question(viewer: Viewer) -> ResponseReturnValue:
    """Store the question; a browser without scripts is sent to the page that shows the answer."""
    text, key = request.form.get("text", ""), request.form.get("key", "")
    page = number_of(request.form.get("page"))
    try:
        asked = ask(db.session(), viewer, text=text, client_key=key, attachments=_attachments(viewer), page=page)
    except (InvalidInput, NotAllowed) as error:
        return refused_question(viewer, error, draft=text)
    return started(viewer, asked)


@blueprint.post("/turns/<uuid:turn_id>/retry")
@guarded(Capability.USE)
def retry_turn(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    turn = turn_for(db.session(), viewer, turn_id)
    try:
        asked = try_again(db.session(), viewer, turn)
    except (InvalidInput, NotAllowed) as error:
        return refused_question(viewer, error)
    return started(viewer, asked)


@blueprint.post("/turns/<uuid:turn_id>/stop")
@guarded(Capability.USE)
def stop_turn(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    turn = turn_for(db.session(), viewer, turn_id)
    request_stop(turn)
    node = current_node()
    _after_commit(lambda: node.stop(turn_id))
    return to_turn(turn)


@blueprint.get("/turns/<uuid:turn_id>/frames")
@guarded(Capability.USE)
def turn_frames(viewer: Viewer, turn_id: UUID) -> ResponseReturnValue:
    """The rest of a turn for a browser whose sockets are blocked: it asks again and again."""
    turn = turn_for(db.session(), viewer, turn_id)
    if fail_abandoned(db.session(), Turn.id == turn.id):
        db.session.refresh(turn)
    return _events(turn, current_node().rest(turn, request.args.get("after", 0, type=int)))


@blueprint.post("/notice")
@guarded(Capability.USE)
def accept(viewer: Viewer) -> ResponseReturnValue:
    accept_notice(db.session(), viewer, request.form.get("version", ""))
    return redirect(url_for("tutor.chat"), 303)


@blueprint.get("/conversations")
@guarded(Capability.USE)
def history(viewer: Viewer) -> ResponseReturnValue:
    return render_template("tutor/history.html", conversations=past_conversations(db.session(), viewer))


@blueprint.post("/conversations")
@guarded(Capability.USE)
def start_conversation(viewer: Viewer) -> ResponseReturnValue:
    """Put the conversation aside; the next question starts a new one."""
    archive_active(db.session(), viewer)
    return redirect(url_for("tutor.chat"), 303)


@blueprint.get("/conversations/<uuid:conversation_id>")
@guarded(Capability.USE)
def conversation(viewer: Viewer, conversation_id: UUID) -> ResponseReturnValue:
    session = db.session()
    found = conversation_for(session, viewer, conversation_id)
    turns = turns_of(session, found)
    replies = replies_for(session, viewer, found.id)
    reading = reading_of(session, viewer, snapshot(session, viewer.course_id), turns, replies)
    return render_template("tutor/conversation.html", conversation=found, turns=turns, reading=reading)


@blueprint.post("/conversations/<uuid:conversation_id>/delete")
@guarded(Capability.USE)
def delete(viewer: Viewer, conversation_id: UUID) -> ResponseReturnValue:
    delete_conversation(db.session(), conversation_for(db.session(), viewer, conversation_id))
    notify(_("The conversation was deleted."))
    return redirect(url_for("tutor.history"), 303)


def _chat_page(viewer: Viewer, *, refused: ToolError | None = None, draft: str = "") -> str:
    session = db.session()
    settings = snapshot(session, viewer.course_id)
    standing = standing_of(session, viewer, settings)
    conversation, notice = standing.conversation, standing.notice
    if conversation is not None:
        fail_abandoned(session, Turn.conversation_id == conversation.id)
    turns = turns_of(session, conversation) if conversation else []
    whose = conversation.id if conversation else None
    replies = replies_for(session, viewer, whose) if standing.has_handed_on else NO_REPLIES
    return render_template(
        "tutor/chat.html",
        turns=turns,
        notice=rendered(_(notice), 0, ()) if notice else None,
        notice_version=version_of(notice) if notice else None,
        knowledge=None if turns or notice else knowledge_of(session, viewer),
        allowance=standing.allowance,
        avatar=settings.read(BOT_AVATAR),
        name=settings.read(HEADER_TITLE) or _("Course Assistant"),
        look=request.args.get("look", 0, type=int),
        draft=draft,
        refusal=refusal_text(refused) if refused else None,
        reading=reading_of(session, viewer, settings, turns, replies),
        is_assessed=standing.is_assessed,
    )


def _attachments(viewer: Viewer) -> list[UUID]:
    """What a script has uploaded before, and what the form itself brings."""
    store = FileStore.of(current_runtime().settings)
    taken = request.form.getlist("attachment", type=UUID)
    sent = request.files.getlist("files")
    require_few(db.session(), viewer, len(taken) + len(sent))
    for file in sent:
        with file.stream as stream:
            if file.filename:
                taken.append(take_attachment(db.session(), viewer, stream, file.filename, store).id)
    return taken


def started(viewer: Viewer, asked: Asked) -> ResponseReturnValue:
    """Have the question answered once it is committed, and say where the answer will be."""
    if asked.is_new:
        node = current_node()
        _after_commit(lambda: node.start(asked.turn.id, asked.accepted, viewer.locale))
    if wants_events():
        return _events(asked.turn, [asked.accepted]), 202
    return to_turn(asked.turn)


def refused_question(viewer: Viewer, error: ToolError, *, draft: str = "") -> ResponseReturnValue:
    """The page again with what was typed: an error page would throw it away."""
    if wants_events():
        return {"error": error.code, "message": refusal_text(error)}, error.status
    db.session.rollback()
    return _chat_page(viewer, refused=error, draft=draft), error.status


def _events(turn: Turn, frames: Sequence[Frame]) -> dict[str, Any]:
    wording = Wording.of_this_request()
    return {"turn": str(turn.id), "events": [wording.event(turn.id, frame) for frame in frames]}


def to_turn(turn: Turn) -> ResponseReturnValue:
    """Back to the turn, wherever its conversation is shown now."""
    anchor = f"turn-{turn.position}"
    if is_archived(db.session(), turn):
        return redirect(url_for("tutor.conversation", conversation_id=turn.conversation_id, _anchor=anchor), 303)
    return redirect(url_for("tutor.chat", _anchor=anchor), 303)


def _after_commit(action: Callable[[], None]) -> None:
    """A turn that is answered before its question is committed could be answered for nothing, or not be found."""
    event.listen(db.session(), "after_commit", lambda _session: action(), once=True)


def wants_events() -> bool:
    """Whether a script asks, which wants JSON."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
