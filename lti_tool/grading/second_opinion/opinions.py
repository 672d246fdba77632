"""Keeping and reading what the local model last said."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.grading.second_opinion.forming import Expected, Formed
from lti_tool.grading.second_opinion.lessons import Lesson
from lti_tool.grading.second_opinion.models import CriterionOpinion, Opinion, Training
from lti_tool.grading.second_opinion.vectors import WORDS_ALONE, Meanings


def opinions(session: Session, placement: Placement) -> dict[UUID, Opinion]:
    """By submission; empty until enough grades were approved."""
    wanted = select(Opinion).join(Training).where(Training.placement_id == placement.id)
    return {opinion.submission_id: opinion for opinion in session.scalars(wanted)}


def find_training(session: Session, placement: Placement) -> Training | None:
    """When the model of the activity last learnt, and from how many grades."""
    return session.scalar(select(Training).where(Training.placement_id == placement.id))


def keep(
    session: Session,
    placement_id: UUID,
    lesson: Lesson,
    formed: Iterable[Formed],
    moment: datetime,
    meanings: Meanings = WORDS_ALONE,
) -> None:
    """In place of what was said before."""
    session.execute(delete(Training).where(Training.placement_id == placement_id))
    training = Training(
        placement_id=placement_id,
        papers=lesson.graded,
        others=lesson.others,
        embedded=len(meanings.vectors),
        embedding_model=meanings.model,
        trained_at=moment,
        opinions=[],
    )
    training.opinions = [_opinion(said) for said in formed]
    session.add(training)
    session.flush()


def _opinion(said: Formed) -> Opinion:
    return Opinion(
        submission_id=said.submission_id,
        words=said.words,
        points=said.total.points,
        low=said.total.low,
        high=said.total.high,
        criteria=[_criterion(criterion_id, expected) for criterion_id, expected in said.criteria.items()],
    )


def _criterion(criterion_id: int, expected: Expected) -> CriterionOpinion:
    return CriterionOpinion(
        criterion_id=criterion_id,
        points=expected.points,
        likely=expected.likely,
        low=expected.low,
        high=expected.high,
    )
