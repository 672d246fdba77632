"""Learning in the background: after approvals, and when work has come in since the model last learnt."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.db import now, transaction
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.grading.activities import MARKED
from lti_tool.grading.models import Submission
from lti_tool.grading.second_opinion.forming import form_opinions
from lti_tool.grading.second_opinion.lessons import lesson_of
from lti_tool.grading.second_opinion.models import Training
from lti_tool.grading.second_opinion.opinions import keep
from lti_tool.grading.second_opinion.vectors import WORDS_ALONE, meanings_of
from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.llm.door import Door
from lti_tool.runtime import Runtime

NEVER_LEARNT = datetime(1970, 1, 1, tzinfo=UTC)


@task("second_opinion.learn", retry=NEVER, lock="second_opinion.learn:{placement_id}")
def learn(runtime: Runtime, *, placement_id: str) -> None:
    """Read, compare, think, keep: what takes long is done between two transactions."""
    moment, name = now(), UUID(placement_id)
    with transaction(runtime.engine) as session:
        placement = session.get(Placement, name)
        if placement is None or placement.points is None:
            return
        lesson = lesson_of(session, placement, FileStore.of(runtime.settings))
    door = Door(engine=runtime.engine, secrets=runtime.secrets)
    meanings = meanings_of(door, lesson.course_id, lesson.texts) if lesson.is_enough else WORDS_ALONE
    formed = form_opinions(lesson, meanings.vectors)
    with transaction(runtime.engine) as session:
        keep(session, name, lesson, formed, moment, meanings)


@periodic("*/5 * * * *")
@task("second_opinion.sweep", retry=NEVER)
def sweep(runtime: Runtime) -> None:
    """Ask for the activities with news; five minutes later is soon enough, however fast a person approves."""
    with transaction(runtime.engine) as session:
        for placement_id in session.scalars(_with_news()):
            ask_to_learn(session, placement_id)


def ask_to_learn(session: Session, placement_id: UUID) -> None:
    """Queue it; asked for twice it is done once."""
    learn.enqueue(session, queueing_lock=f"second_opinion.learn:{placement_id}", placement_id=str(placement_id))


def _with_news() -> Select[UUID]:
    approved = (
        select(func.max(Approval.approved_at))
        .join(Grade, Grade.id == Approval.grade_id)
        .where(Grade.placement_id == Placement.id)
        .scalar_subquery()
    )
    handed_in = (
        select(func.max(Submission.submitted_at)).where(Submission.placement_id == Placement.id).scalar_subquery()
    )
    return (
        select(Placement.id)
        .outerjoin(Training, Training.placement_id == Placement.id)
        .where(Placement.kind.in_(MARKED), Placement.points.is_not(None))
        .where(
            or_(
                approved > func.coalesce(Training.trained_at, NEVER_LEARNT),
                handed_in > Training.trained_at,
            )
        )
    )
