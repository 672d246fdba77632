"""A student hands a question to the teachers: once, whatever is pressed twice, and together with who asked the same."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts.viewer import Viewer
from lti_tool.activity.events import EventKind, record
from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.site_settings.chat import ENABLE_ESCALATION
from lti_tool.site_settings.store import snapshot
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker, EscalationState
from lti_tool.tutor.escalation.same_question import fingerprint_of
from lti_tool.tutor.escalation.tasks import ask_to_tell
from lti_tool.tutor.limits import checked_question
from lti_tool.tutor.models import Turn

MOST_WAITING = 10
"""Of one person in one course: a queue is read by people."""


def ask_a_human(session: Session, viewer: Viewer, turn: Turn, text: str) -> Escalation:
    """Put the question of a turn, as the student words it now, into the course's queue."""
    settings = snapshot(session, viewer.course_id)
    if not settings.read(ENABLE_ESCALATION):
        raise NotAllowed("escalation_off", "Questions to teachers are switched off in this course.")
    if turn.is_open:
        raise InvalidInput("turn_running", "An answer is still being written. Wait for it or stop it.")
    known = session.get(EscalationAsker, turn.id)
    if known is not None:
        return session.get_one(Escalation, known.escalation_id)
    question = checked_question(settings, text)
    _require_few_waiting(session, viewer)
    escalation = _same_question(session, viewer, turn, question)
    joined = insert(EscalationAsker).values(turn_id=turn.id, escalation_id=escalation.id, person_id=viewer.person_id)
    session.execute(joined.on_conflict_do_nothing())
    if escalation.state == EscalationState.OPEN:
        ask_to_tell(session, viewer.course_id)
    record(
        session,
        EventKind.QUESTION_ESCALATED,
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        placement_id=viewer.placement_id,
        details={"escalation": str(escalation.id), "turn": turn.position},
    )
    return escalation


def _require_few_waiting(session: Session, viewer: Viewer) -> None:
    waiting = session.scalar(
        select(func.count())
        .select_from(EscalationAsker)
        .join(Escalation)
        .where(
            EscalationAsker.person_id == viewer.person_id,
            Escalation.course_id == viewer.course_id,
            Escalation.state == EscalationState.OPEN,
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        raise NotAllowed("escalation_limit", "Many of your questions wait for a teacher already.")


def _same_question(session: Session, viewer: Viewer, turn: Turn, question: str) -> Escalation:
    """The question of the same words: answered already, waiting already, or new."""
    fingerprint = fingerprint_of(question)
    of_same_words = (Escalation.course_id == viewer.course_id, Escalation.fingerprint == fingerprint)
    answered = session.scalar(
        select(Escalation)
        .where(*of_same_words, Escalation.state == EscalationState.ANSWERED)
        .order_by(Escalation.answered_at.desc())
        .limit(1)
    )
    if answered is not None:
        return answered
    new = insert(Escalation).values(
        course_id=viewer.course_id, question=question, fingerprint=fingerprint, tutor_said=turn.answer_markdown
    )
    # Two students who ask at once get the same row.
    session.execute(
        new.on_conflict_do_nothing(
            index_elements=[Escalation.course_id, Escalation.fingerprint],
            index_where=Escalation.state == EscalationState.OPEN,
        )
    )
    waiting = select(Escalation).where(*of_same_words, Escalation.state == EscalationState.OPEN)
    return session.scalars(waiting.with_for_update(of=Escalation)).one()
