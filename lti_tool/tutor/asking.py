"""Storing a question, once, before anything else happens with it; trying a failed turn again; stopping one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind, record
from lti_tool.content.security import Place, Spot, record_injection
from lti_tool.errors import InvalidInput
from lti_tool.llm.injection.detection import neutralised
from lti_tool.site_settings.store import snapshot
from lti_tool.tutor.attachments.asked import MOST_CHARACTERS, bind, copy_attachments
from lti_tool.tutor.attachments.models import TurnAttachment
from lti_tool.tutor.attachments.taking import pending_of
from lti_tool.tutor.conversations import get_or_start
from lti_tool.tutor.limits import checked_question, count_question
from lti_tool.tutor.live.frames import Frame
from lti_tool.tutor.models import OPEN_STATES, Conversation, FrameKind, Turn, TurnCitation, TurnFrame, TurnState
from lti_tool.tutor.notice import require_accepted
from lti_tool.tutor.turns import LEASE, fail_abandoned

CLIENT_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
# Built once: putting a statement together takes longer than asking it, and every question asks these.
SENT_BEFORE = (
    select(Turn)
    .join(Conversation)
    .where(
        Conversation.course_id == bindparam("course_id"),
        Conversation.person_id == bindparam("person_id"),
        Turn.client_key == bindparam("client_key"),
    )
)
LAST = (
    select(Turn.id, Turn.position, Turn.state)
    .where(Turn.conversation_id == bindparam("conversation_id"))
    .order_by(Turn.position.desc())
    .limit(1)
)
Last = Row[UUID, int, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A stored question and the frame that says so; `is_new` is False for one that had arrived before."""

    turn: Turn
    accepted: Frame
    is_new: bool


def ask(
    session: Session,
    viewer: Viewer,
    *,
    text: str,
    client_key: str,
    replaces_id: UUID | None = None,
    attachments: Sequence[UUID] = (),
    page: int | None = None,
) -> Asked:
    """Store a question as the next turn; the same `client_key` again gives the same turn.

    With `replaces_id` it asks the last turn again, in other words or the same; that turn is kept as it was, and its
    attachments and its page go with the new one too. `page` is Moodle's number of the page that the person had open.
    """
    settings = snapshot(session, viewer.course_id)
    require_accepted(session, settings, viewer)
    conversation = get_or_start(session, viewer)
    known = _find_sent_before(session, viewer, client_key)
    if known is not None:
        return Asked(turn=known, accepted=_accepted(known), is_new=False)
    question = checked_question(settings, text)
    last = _find_last(session, conversation)
    _require_quiet(session, last)
    if replaces_id is not None:
        _require_last(last, replaces_id)
        page = session.get_one(Turn, replaces_id).course_module
    attached = pending_of(session, viewer, attachments)
    count_question(session, settings, viewer.person_id)
    turn = Turn(
        conversation_id=conversation.id,
        position=last.position + 1 if last else 1,
        replaces_id=replaces_id,
        client_key=client_key,
        question=question,
        course_module=page,
    )
    session.add(turn)
    asked = _open(session, turn)
    bind(turn, attached)
    if replaces_id is not None:
        copy_attachments(session, replaces_id, turn.id)
    _tell(session, viewer, turn, attached)
    return asked


def try_again(session: Session, viewer: Viewer, turn: Turn) -> Asked:
    """Let the last turn start anew after it failed or was stopped; it counts like a question."""
    conversation = session.get_one(Conversation, turn.conversation_id, with_for_update=True)
    session.refresh(turn)
    fail_abandoned(session, Turn.id == turn.id)
    session.refresh(turn)
    if turn.state not in {TurnState.FAILED, TurnState.CANCELLED} or conversation.archived_at is not None:
        raise InvalidInput("turn_not_failed", "This question needs no second try.")
    _require_last(_find_last(session, conversation), turn.id)
    count_question(session, snapshot(session, viewer.course_id), viewer.person_id)
    session.execute(delete(TurnFrame).where(TurnFrame.turn_id == turn.id))
    session.execute(delete(TurnCitation).where(TurnCitation.turn_id == turn.id))
    session.expire(turn, ["citations"])
    turn.answer_markdown, turn.error_code, turn.finished_at = "", None, None
    turn.is_stopping = turn.is_hint_first = False
    return _open(session, turn)


def _tell(session: Session, viewer: Viewer, turn: Turn, attached: Sequence[TurnAttachment]) -> None:
    """That something was asked, and what in it tried to instruct the model."""
    record(
        session,
        EventKind.CHAT_MESSAGE_SENT,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"conversation": str(turn.conversation_id), "turn": turn.position, "length": len(turn.question)},
    )
    record_injection(session, _spot_of(viewer, Place.QUESTION, turn.id), neutralised(turn.question).tricks)
    for one in attached:
        tricks = neutralised(one.text[:MOST_CHARACTERS]).tricks
        record_injection(session, _spot_of(viewer, Place.ATTACHMENT, one.id), tricks)


def request_stop(turn: Turn) -> None:
    """Ask the node that answers to stop; it looks every second, and at once if it is this one."""
    if turn.is_open:
        turn.is_stopping = True


def _spot_of(viewer: Viewer, place: Place, object_id: UUID) -> Spot:
    return Spot(
        place=place,
        object_id=object_id,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        role=viewer.role,
    )


def _open(session: Session, turn: Turn) -> Asked:
    turn.state = TurnState.TODO
    turn.node = None
    turn.lease_until = func.now() + LEASE
    turn.last_frame = (turn.last_frame or 0) + 1
    session.flush()
    accepted = _accepted(turn)
    session.add(TurnFrame(turn_id=turn.id, sequence=accepted.sequence, kind=accepted.kind, body=dict(accepted.body)))
    session.flush()
    return Asked(turn=turn, accepted=accepted, is_new=True)


def _accepted(turn: Turn) -> Frame:
    body = {"key": turn.client_key, "position": turn.position}
    return Frame(sequence=turn.last_frame, kind=FrameKind.ACCEPTED, body=body)


def _find_sent_before(session: Session, viewer: Viewer, client_key: str) -> Turn | None:
    if not CLIENT_KEY.fullmatch(client_key):
        raise InvalidInput("client_key_malformed")
    whose = {"course_id": viewer.course_id, "person_id": viewer.person_id, "client_key": client_key}
    return session.scalar(SENT_BEFORE, whose)


def _find_last(session: Session, conversation: Conversation) -> Last | None:
    """The last turn of the conversation; no other one can be open."""
    return session.execute(LAST, {"conversation_id": conversation.id}).one_or_none()


def _require_quiet(session: Session, last: Last | None) -> None:
    """One question at a time: the next one may need the answer."""
    if last and last.state in OPEN_STATES and last.id not in fail_abandoned(session, Turn.id == last.id):
        raise InvalidInput("turn_running", "An answer is still being written. Wait for it or stop it.")


def _require_last(last: Last | None, turn_id: UUID) -> None:
    """What came after an earlier turn rests on it: only the last one is asked again."""
    if last is None or last.id != turn_id:
        raise InvalidInput("turn_not_last", "Ask the question again instead.")
