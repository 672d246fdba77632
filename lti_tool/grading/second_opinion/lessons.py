"""What there is to learn from: an activity's papers, the grades that people approved, and those of other activities.

Points are shares of the maximum, so that what was approved in the course's other activities counts too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval
from lti_tool.grading.agreement.approved import ApprovedMarks, latest_approved
from lti_tool.grading.models import Criterion, Level, Review, Rubric, Submission
from lti_tool.grading.reading import readable_work
from lti_tool.grading.rubrics.exemplars.models import Exemplar
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.grading.second_opinion.features import Paper
from lti_tool.grading.submissions import latest_submissions

FEWEST = 10
"""Approved grades of the activity, and for a criterion, before anything is learnt from them."""
FEWEST_OTHERS = 30
"""Approved grades of the course's other activities that are enough for a first opinion here."""
MOST_OTHERS = 500
LONGEST_TEXT = 20_000
"""Characters of a paper that are looked at."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What is known: places among the papers of a lesson, and the share of the maximum that each of them got."""

    criterion_id: int | None
    maximum: float
    known: Sequence[int]
    shares: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """The activity's papers come first, named by `submission_ids`; then `others`, named by `other_ids`."""

    course_id: int
    submission_ids: Sequence[UUID]
    other_ids: Sequence[UUID]
    papers: Sequence[Paper]
    graded: int
    others: int
    total: Scores
    criteria: Sequence[Scores]

    @property
    def texts(self) -> dict[UUID, str]:
        """Every paper's text by its submission, in the order of `papers`."""
        names = [*self.submission_ids, *self.other_ids]
        return {name: paper.text for name, paper in zip(names, self.papers, strict=True)}

    @property
    def is_enough(self) -> bool:
        return self.graded >= FEWEST or self.others >= FEWEST_OTHERS


def lesson_of(session: Session, placement: Placement, store: FileStore) -> Lesson:
    """Everything that the model may see, read at one moment."""
    approved = latest_approved(session, placement)
    submissions = {work.id: work for work in latest_submissions(session, placement).values()}
    earlier = set(approved) - set(submissions)
    submissions |= {work.id: work for work in session.scalars(select(Submission).where(Submission.id.in_(earlier)))}
    ids = sorted(submissions)
    rubric = rubric_of(session, placement)
    expected = _references(session, placement, rubric)
    own = [_paper(store, submissions[name], placement, expected) for name in ids]
    other_ids, others, shares = _others(session, placement, store)
    known = [place for place, name in enumerate(ids) if name in approved]
    maximum = float(placement.points or 0)
    return Lesson(
        course_id=placement.course_id,
        submission_ids=ids,
        other_ids=other_ids,
        papers=own + others,
        graded=len(known),
        others=len(others),
        total=Scores(
            criterion_id=None,
            maximum=maximum,
            known=[*known, *range(len(own), len(own) + len(others))],
            shares=[float(approved[ids[place]].points) / maximum for place in known] + shares,
        ),
        criteria=[_scores(criterion, ids, approved) for criterion in rubric.criteria] if rubric else [],
    )


def _scores(criterion: Criterion, ids: Sequence[UUID], approved: dict[UUID, ApprovedMarks]) -> Scores:
    known = [place for place, name in enumerate(ids) if name in approved and criterion.id in approved[name].criteria]
    return Scores(
        criterion_id=criterion.id,
        maximum=float(criterion.points),
        known=known,
        shares=[float(approved[ids[place]].criteria[criterion.id] / criterion.points) for place in known],
    )


def _paper(store: FileStore, submission: Submission, placement: Placement, references: tuple[str, ...]) -> Paper:
    return Paper(
        text=readable_work(store, submission).text[:LONGEST_TEXT],
        task=f"{placement.title}\n{placement.description}",
        references=references,
        group=str(placement.id),
    )


def _references(session: Session, placement: Placement, rubric: Rubric | None) -> tuple[str, ...]:
    """What was expected: the best level of each criterion in words, and answers that the teacher holds up."""
    exemplars = session.scalars(select(Exemplar.text).where(Exemplar.placement_id == placement.id)).all()
    words = " ".join(_words(criterion) for criterion in rubric.criteria) if rubric else ""
    return tuple(text for text in (words, *exemplars) if text.strip())


def _words(criterion: Criterion) -> str:
    best: Level | None = max(criterion.levels, key=lambda level: level.points, default=None)
    parts = [criterion.title, criterion.description, criterion.for_markers]
    return " ".join([*parts, best.title, best.description] if best else parts)


def _others(session: Session, placement: Placement, store: FileStore) -> tuple[list[UUID], list[Paper], list[float]]:
    """The newest approved work of the course's other activities."""
    rows = session.execute(
        select(Submission, Placement, func.max(Approval.approved_at))
        .join(Placement, Placement.id == Submission.placement_id)
        .join(Review, Review.submission_id == Submission.id)
        .join(Approval, (Approval.grade_id == Review.grade_id) & (Approval.grade_version == Review.grade_version))
        .where(Placement.course_id == placement.course_id, Placement.id != placement.id)
        .group_by(Submission.id, Placement.id)
        .order_by(func.max(Approval.approved_at).desc())
        .limit(MOST_OTHERS)
    ).all()
    places = {other.id: other for _, other, _ in rows}
    expected = {name: _references(session, other, rubric_of(session, other)) for name, other in places.items()}
    approved = {name: latest_approved(session, other) for name, other in places.items()}
    papers = [_paper(store, work, other, expected[other.id]) for work, other, _ in rows]
    shares = [float(approved[other.id][work.id].points) / float(other.points or 1) for work, other, _ in rows]
    return [work.id for work, _, _ in rows], papers, shares
