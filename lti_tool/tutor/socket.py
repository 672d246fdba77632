"""The tutor's WebSocket: questions in, numbered frames out, the rest of a turn for whoever comes back.

    {"type": "ask", "key": "...", "text": "..."}          {"type": "stop", "turn": "..."}
    {"type": "follow", "turn": "...", "after": 12}        {"type": "retry", "turn": "..."}

With `"replaces": "<turn>"` an "ask" asks the last turn again; `"attachments"` names files that were uploaded for it,
`"page"` the page of the course that is open around the tutor.

The handshake has been checked (cookie, launch, origin) before this begins. A transaction lasts for one message: none
is open while an answer streams.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from simple_websocket import ConnectionClosed
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import BoundLaunch
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import columns, now, transaction
from lti_tool.errors import InvalidInput, NotAllowed, ToolError
from lti_tool.lti.course_modules import number_of
from lti_tool.tutor.asking import ask, request_stop, try_again
from lti_tool.tutor.conversations import turn_for
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.live.node import TutorNode
from lti_tool.tutor.views import Wording, current_node
from lti_tool.web.guards import launch_blueprint
from lti_tool.web.sockets import NORMAL, OpenSocket, socket_route

SECONDS_IDLE = 120
LAUNCH_EXPIRED = 4401
MOST_ATTACHMENTS_NAMED = 20
EXPIRY = select(BoundLaunch.expires_at).where(BoundLaunch.id == bindparam("launch_id"))

blueprint = launch_blueprint("tutor_socket", __name__, "tutor")


@socket_route(blueprint, "/socket", Capability.USE)
def socket(viewer: Viewer, opened: OpenSocket) -> None:
    line = Line(current_node(), viewer, opened, Wording.of_this_request())
    try:
        line.converse()
    finally:
        line.node.forget(line.send)


class Line:
    """One connection of one viewer."""

    def __init__(self, node: TutorNode, viewer: Viewer, opened: OpenSocket, wording: Wording) -> None:
        self.node = node
        self.viewer = viewer
        self.opened = opened
        self.wording = wording

    def converse(self) -> None:
        """Take messages until the browser goes, has nothing to say for a while, or its launch expires."""
        while True:
            try:
                message = self.opened.receive(SECONDS_IDLE)
            except ValueError:
                self._refuse(None, InvalidInput("message_malformed"))
                continue
            if message is None:
                self.opened.close(NORMAL, "idle")
                return
            if not self._take(message):
                self.opened.close(LAUNCH_EXPIRED, "launch_expired")
                return

    def send(self, turn_id: UUID, frames: Sequence[Frame]) -> bool:
        """Hand frames to the browser; False once it has gone."""
        try:
            self.opened.send_all(self.wording.event(turn_id, frame) for frame in frames)
        except ConnectionClosed:
            return False
        return True

    def _take(self, message: dict[str, Any]) -> bool:
        """Do what the browser asks; False when its launch has expired."""
        try:
            match message.get("type"):
                case "ask":
                    self._ask(message)
                case "follow":
                    self._follow(_id(message), _number(message, "after"))
                case "stop":
                    self._stop(_id(message))
                case "retry":
                    self._retry(_id(message))
                case _:
                    raise InvalidInput("message_malformed")
        except ToolError as error:
            if error.code == "launch_expired":
                return False
            self._refuse(message, error)
        return True

    def _ask(self, message: dict[str, Any]) -> None:
        with self._transaction() as session:
            asked = ask(
                session,
                self.viewer,
                text=_text(message, "text"),
                client_key=_text(message, "key"),
                replaces_id=_replaced(message),
                attachments=_attachments(message),
                page=number_of(message.get("page")),
            )
            turn_id = asked.turn.id
        if asked.is_new:
            self.node.start(turn_id, asked.accepted, self.viewer.locale)
        self.node.follow(turn_id, 0, self.send)

    def _follow(self, turn_id: UUID, after: int) -> None:
        with self._transaction() as session:
            turn_for(session, self.viewer, turn_id)
        self.node.follow(turn_id, after, self.send)

    def _stop(self, turn_id: UUID) -> None:
        with self._transaction() as session:
            request_stop(turn_for(session, self.viewer, turn_id))
        self.node.stop(turn_id)

    def _retry(self, turn_id: UUID) -> None:
        with self._transaction() as session:
            asked = try_again(session, self.viewer, turn_for(session, self.viewer, turn_id))
        self.node.start(turn_id, asked.accepted, self.viewer.locale)
        self.node.follow(turn_id, asked.accepted.sequence - 1, self.send)

    def _refuse(self, message: dict[str, Any] | None, error: ToolError) -> None:
        concerned = {name: message[name] for name in ("key", "turn") if name in message} if message else {}
        self.opened.send(type="refused", code=error.code, text=self.wording.error(error.code), **concerned)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """The transaction of one message; raises NotAllowed (`launch_expired`)."""
        with transaction(self.node.runtime.engine) as session:
            expires = columns(session, EXPIRY, {"launch_id": self.viewer.launch_id}).scalar_one_or_none()
            if expires is None or expires <= now():
                raise NotAllowed("launch_expired")
            yield session


def _text(message: dict[str, Any], name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str):
        raise InvalidInput("message_malformed")
    return value


def _number(message: dict[str, Any], name: str) -> int:
    value = message.get(name, 0)
    if not isinstance(value, int):
        raise InvalidInput("message_malformed")
    return value


def _replaced(message: dict[str, Any]) -> UUID | None:
    return _id(message, "replaces") if message.get("replaces") else None


def _attachments(message: dict[str, Any]) -> list[UUID]:
    named = message.get("attachments", [])
    if not isinstance(named, list) or len(named) > MOST_ATTACHMENTS_NAMED:
        raise InvalidInput("message_malformed")
    return [_id({"attachment": one}, "attachment") for one in named]


def _id(message: dict[str, Any], name: str = "turn") -> UUID:
    try:
        return UUID(_text(message, name))
    except ValueError as error:
        raise InvalidInput("message_malformed") from error
