"""Deleting what nobody needs any more: conversations without a question for longer than the site keeps them.

With a conversation go its turns, citations, frames, ratings and attachments; with the last asker goes a question that
no teacher has answered. An answered one is the teachers' own work and stays.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from lti_tool.activity.events import EventKind, record
from lti_tool.db import now, transaction
from lti_tool.site_settings.chat import RETENTION_DAYS
from lti_tool.site_settings.store import read
from lti_tool.tutor.attachments.models import TurnAttachment
from lti_tool.tutor.escalation.models import Escalation, EscalationState
from lti_tool.tutor.escalation.queue import is_asked
from lti_tool.tutor.models import OPEN_STATES, Conversation, Turn

AT_ONCE = 200
UNSENT = timedelta(days=1)


def clear_stale_conversations(engine: Engine, *, at: datetime | None = None) -> int:
    """How many went; each few in a transaction of their own, so that nobody waits for the locks."""
    with transaction(engine) as session:
        days = read(session, RETENTION_DAYS)
    if days == 0:
        return 0
    before = (at or now()) - timedelta(days=days)
    cleared = 0
    while True:
        with transaction(engine) as session:
            stale = _stale(session, before)
            _delete(session, stale)
        cleared += len(stale)
        if len(stale) < AT_ONCE:
            return cleared


def clear_unasked_questions(engine: Engine) -> None:
    """Questions for teachers that nobody waits for, because their conversations are gone."""
    with transaction(engine) as session:
        unanswered = Escalation.state != EscalationState.ANSWERED
        session.execute(delete(Escalation).where(unanswered, ~is_asked()))


def clear_unsent_attachments(engine: Engine, *, at: datetime | None = None) -> None:
    """Files that were uploaded for a question which nobody sent."""
    with transaction(engine) as session:
        before = (at or now()) - UNSENT
        session.execute(
            delete(TurnAttachment).where(TurnAttachment.turn_id.is_(None), TurnAttachment.created_at < before)
        )


def _stale(session: Session, before: datetime) -> list[Conversation]:
    last_question = (
        select(func.max(Turn.created_at)).where(Turn.conversation_id == Conversation.id).correlate(Conversation)
    ).scalar_subquery()
    is_open = select(Turn.id).where(Turn.conversation_id == Conversation.id, Turn.state.in_(OPEN_STATES)).exists()
    stale = (
        select(Conversation)
        .where(
            Conversation.created_at < before, func.coalesce(last_question, Conversation.created_at) < before, ~is_open
        )
        .order_by(Conversation.created_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(stale))


def _delete(session: Session, stale: list[Conversation]) -> None:
    ids: list[UUID] = [conversation.id for conversation in stale]
    session.execute(delete(Conversation).where(Conversation.id.in_(ids)).execution_options(synchronize_session=False))
    for conversation in stale:
        record(
            session,
            EventKind.THREAD_DELETED,
            course_id=conversation.course_id,
            person_id=None,
            details={"conversation": str(conversation.id), "reason": "retention"},
        )
