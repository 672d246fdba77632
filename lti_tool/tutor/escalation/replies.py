"""What came back to a student: the state of each question handed to the teachers, and which answers are unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker, EscalationState
from lti_tool.tutor.models import Conversation, Turn

IS_NEW = and_(Escalation.state == EscalationState.ANSWERED, EscalationAsker.seen_at.is_(None))
HANDED_ON = (
    select(Escalation, EscalationAsker.seen_at, Turn.id, Turn.position, Conversation.id, Conversation.archived_at)
    .join(EscalationAsker, EscalationAsker.escalation_id == Escalation.id)
    .join(Turn, Turn.id == EscalationAsker.turn_id)
    .join(Conversation, Conversation.id == Turn.conversation_id)
    .where(
        EscalationAsker.person_id == bindparam("person_id"),
        Escalation.course_id == bindparam("course_id"),
        or_(Conversation.id == bindparam("conversation_id"), IS_NEW),
    )
    .order_by(Escalation.answered_at)
)
HAS_HANDED_ON = exists().where(
    EscalationAsker.person_id == bindparam("person_id"),
    EscalationAsker.escalation_id == Escalation.id,
    Escalation.course_id == bindparam("course_id"),
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A question of the viewer's own with the teachers, or back from them."""

    turn_id: UUID
    position: int
    conversation_id: UUID
    is_archived: bool
    state: EscalationState
    question: str
    answer_markdown: str
    author: str
    answered_at: datetime | None
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Replies:
    """Those of one conversation by their turns, and the unseen answers of all conversations in the course."""

    by_turn: Mapping[UUID, Reply]
    unseen: Sequence[Reply]


NO_REPLIES = Replies(by_turn={}, unseen=())


def replies_for(session: Session, viewer: Viewer, conversation_id: UUID | None) -> Replies:
    """One statement, whatever there is; nothing of anybody else."""
    whose = {"person_id": viewer.person_id, "course_id": viewer.course_id, "conversation_id": conversation_id}
    rows = session.execute(HANDED_ON, whose).all()
    replies = [
        Reply(
            turn_id=turn_id,
            position=position,
            conversation_id=conversation,
            is_archived=archived_at is not None,
            state=EscalationState(escalation.state),
            question=escalation.question,
            answer_markdown=escalation.answer_markdown,
            author=escalation.author.display_name if escalation.author else "",
            answered_at=escalation.answered_at,
            is_new=escalation.state == EscalationState.ANSWERED and seen_at is None,
        )
        for escalation, seen_at, turn_id, position, conversation, archived_at in rows
    ]
    return Replies(
        by_turn={reply.turn_id: reply for reply in replies if reply.conversation_id == conversation_id},
        unseen=[reply for reply in replies if reply.is_new],
    )


def mark_seen(session: Session, replies: Replies) -> None:
    """Remember that the answers of the conversation were shown; no statement where none is new."""
    shown = [reply.turn_id for reply in replies.by_turn.values() if reply.is_new]
    if shown:
        session.execute(update(EscalationAsker).where(EscalationAsker.turn_id.in_(shown)).values(seen_at=now()))
