"""What a teacher does with a question: answer it, correct the answer, join it with another, close it."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record as record_audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind
from lti_tool.activity.events import record as record_event
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker, EscalationState

LONGEST_ANSWER = 20_000


def answer_question(session: Session, viewer: Viewer, escalation: Escalation, text: str) -> None:
    """Give or correct the answer; everybody who asked has something new to see."""
    answer = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not answer:
        raise InvalidInput("answer_empty", "Write an answer first.")
    if len(answer) > LONGEST_ANSWER:
        raise InvalidInput(
            "answer_too_long",
            "The answer is longer than %(longest_answer)s characters.",
            {"longest_answer": LONGEST_ANSWER},
        )
    escalation.state, escalation.answer_markdown = EscalationState.ANSWERED, answer
    escalation.author_id, escalation.answered_at = viewer.person_id, now()
    session.flush()
    session.execute(update(EscalationAsker).where(EscalationAsker.escalation_id == escalation.id).values(seen_at=None))
    record_event(
        session,
        EventKind.ESCALATION_ANSWERED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"escalation": str(escalation.id)},
    )
    _audit(session, viewer, escalation, "question.answered")


def close_question(session: Session, viewer: Viewer, escalation: Escalation) -> None:
    """Take it out of the queue without an answer; who asked is told so."""
    _require_open(escalation)
    escalation.state = EscalationState.CLOSED
    _audit(session, viewer, escalation, "question.closed")


def join_questions(session: Session, viewer: Viewer, escalation: Escalation, other: Escalation) -> None:
    """Let whoever asked `escalation` wait for the answer to `other`; the joined one is gone."""
    _require_open(escalation)
    _require_open(other)
    if escalation.id == other.id:
        raise InvalidInput("escalation_same", "Choose another question to join this one with.")
    moved = update(EscalationAsker).where(EscalationAsker.escalation_id == escalation.id)
    session.execute(moved.values(escalation_id=other.id))
    _audit(session, viewer, escalation, "question.joined")
    session.delete(escalation)
    session.flush()


def _require_open(escalation: Escalation) -> None:
    if escalation.state != EscalationState.OPEN:
        raise InvalidInput("escalation_not_open", "This question does not wait any more.")


def _audit(session: Session, viewer: Viewer, escalation: Escalation, action: str) -> None:
    session.flush()
    record_audit(
        session,
        action,
        course_id=viewer.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="escalation",
        object_id=escalation.id,
    )
