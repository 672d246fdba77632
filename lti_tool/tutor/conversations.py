"""Conversations of one person in one course: the active one, past ones, and who may see them.

Loading checks: a conversation or turn is found for its own person in the course of the launch, and for nobody else.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind, record
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.tutor.models import OPEN_STATES, Conversation, Turn

ACTIVE = select(Conversation).where(
    Conversation.course_id == bindparam("course_id"),
    Conversation.person_id == bindparam("person_id"),
    Conversation.archived_at.is_(None),
)


ACTIVE_LOCKED = ACTIVE.with_for_update()


def find_active(session: Session, viewer: Viewer) -> Conversation | None:
    return session.scalar(ACTIVE, _whose(viewer))


def get_or_start(session: Session, viewer: Viewer) -> Conversation:
    """The active conversation, locked, which orders two questions that are posted at once; if need be a new one."""
    found = session.scalar(ACTIVE_LOCKED, _whose(viewer))
    if found is not None:
        return found
    # Two tabs that start one at once get the same.
    started = session.scalar(
        insert(Conversation)
        .values(course_id=viewer.course_id, person_id=viewer.person_id, placement_id=viewer.placement_id)
        .on_conflict_do_nothing(
            index_elements=[Conversation.course_id, Conversation.person_id],
            index_where=Conversation.archived_at.is_(None),
        )
        .returning(Conversation.id)
    )
    if started is not None:
        _record_start(session, viewer, started)
    return session.scalars(ACTIVE_LOCKED, _whose(viewer)).one()


def archive_active(session: Session, viewer: Viewer) -> None:
    """Put the active conversation aside, so that the next question starts a new one."""
    active = find_active(session, viewer)
    if active is None:
        return
    _require_quiet(session, active)
    active.archived_at = now()
    session.flush()


def delete_conversation(session: Session, conversation: Conversation) -> None:
    """Delete a conversation with its turns, citations and frames."""
    _require_quiet(session, conversation)
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    record(
        session,
        EventKind.THREAD_DELETED,
        course_id=conversation.course_id,
        person_id=conversation.person_id,
        placement_id=conversation.placement_id,
        details={"conversation": str(conversation.id), "reason": "person"},
    )


def past_conversations(session: Session, viewer: Viewer) -> list[Conversation]:
    """The archived ones, latest first."""
    past = select(Conversation).where(*_own(viewer), Conversation.archived_at.is_not(None))
    return list(session.scalars(past.order_by(Conversation.archived_at.desc())))


def conversation_for(session: Session, viewer: Viewer, conversation_id: UUID) -> Conversation:
    """Load a conversation of the viewer in this course; raises NotFound."""
    found = session.scalar(select(Conversation).where(*_own(viewer), Conversation.id == conversation_id))
    if found is None:
        raise NotFound("conversation_unknown")
    return found


def turns_of(session: Session, conversation: Conversation) -> list[Turn]:
    """The turns in their order with their citations, as a page shows them."""
    turns = select(Turn).where(Turn.conversation_id == conversation.id).order_by(Turn.position)
    return list(session.scalars(turns.options(selectinload(Turn.citations))))


def turn_for(session: Session, viewer: Viewer, turn_id: UUID) -> Turn:
    """Load a turn of a conversation of the viewer in this course; raises NotFound."""
    found = session.scalar(
        select(Turn)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(*_own(viewer), Turn.id == turn_id)
    )
    if found is None:
        raise NotFound("turn_unknown")
    return found


def _record_start(session: Session, viewer: Viewer, conversation_id: UUID) -> None:
    record(
        session,
        EventKind.THREAD_CREATED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"conversation": str(conversation_id)},
    )


def is_archived(session: Session, turn: Turn) -> bool:
    """Whether the turn's conversation was put aside."""
    return session.get_one(Conversation, turn.conversation_id).archived_at is not None


def _whose(viewer: Viewer) -> dict[str, int]:
    return {"course_id": viewer.course_id, "person_id": viewer.person_id}


def _own(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    return Conversation.course_id == viewer.course_id, Conversation.person_id == viewer.person_id


def _require_quiet(session: Session, conversation: Conversation) -> None:
    running = select(Turn.id).where(Turn.conversation_id == conversation.id, Turn.state.in_(OPEN_STATES))
    if session.scalar(running) is not None:
        raise InvalidInput("turn_running", "An answer is still being written. Wait for it or stop it.")
