"""The teachers' queue of a course: what waits, what looks alike, what was answered. No name of who asked is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker, EscalationState
from lti_tool.tutor.escalation.same_question import are_alike, stems_of

MOST_ANSWERED = 50
MOST_WAITING = 200


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A question of the queue, how many ask it, and which earlier ones it may be the same as."""

    escalation: Escalation
    askers: int
    alike: Sequence[Escalation]


def waiting_questions(session: Session, viewer: Viewer) -> list[Waiting]:
    """What waits, the one that most people ask first, then the oldest."""
    viewer.require(Capability.ANSWER)
    rows = session.execute(
        select(Escalation, func.count())
        .join(EscalationAsker)
        .where(Escalation.course_id == viewer.course_id, Escalation.state == EscalationState.OPEN)
        .group_by(Escalation.id)
        .order_by(func.count().desc(), Escalation.created_at)
        .limit(MOST_WAITING)
    ).all()
    stems = {escalation.id: stems_of(escalation.question) for escalation, _ in rows}
    return [
        Waiting(
            escalation=escalation,
            askers=askers,
            alike=[
                other
                for other, _ in rows
                if other is not escalation and are_alike(stems[escalation.id], stems[other.id])
            ],
        )
        for escalation, askers in rows
    ]


def answered_questions(session: Session, viewer: Viewer) -> list[Escalation]:
    """The latest answers first."""
    viewer.require(Capability.ANSWER)
    return list(
        session.scalars(
            select(Escalation)
            .where(Escalation.course_id == viewer.course_id, Escalation.state == EscalationState.ANSWERED)
            .order_by(Escalation.answered_at.desc())
            .limit(MOST_ANSWERED)
        )
    )


def waiting_count(session: Session, viewer: Viewer) -> int:
    """How many questions wait in the viewer's course."""
    return waiting_in(session, viewer.course_id)


def waiting_in(session: Session, course_id: int) -> int:
    """How many questions of a course wait for somebody who is still there to read the answer."""
    counted = select(func.count()).where(
        Escalation.course_id == course_id, Escalation.state == EscalationState.OPEN, is_asked()
    )
    return session.scalar(counted) or 0


def escalation_for(session: Session, viewer: Viewer, escalation_id: UUID) -> Escalation:
    """Load a question that the viewer may answer, locked; raises NotFound or NotAllowed."""
    viewer.require(Capability.ANSWER)
    found = session.scalar(
        select(Escalation)
        .where(Escalation.id == escalation_id, Escalation.course_id == viewer.course_id)
        .with_for_update(of=Escalation)
    )
    if found is None:
        raise NotFound("escalation_unknown")
    return found


def is_asked() -> ColumnElement[bool]:
    """Somebody still waits for this question's answer."""
    return exists().where(EscalationAsker.escalation_id == Escalation.id)
