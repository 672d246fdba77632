"""How far works are, question by question: the ticks of each, wherever they are kept, and whether more may come.

Ticks are kept one by one until a work has them all; then they are those of its review, or of the viewer's own mark
while two people mark without seeing each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.models import Approval, Grade
from lti_tool.gradebook.options import marking_options
from lti_tool.grading.desk.models import IndependentMark, IndependentTick
from lti_tool.grading.desk.moderation import BOTH, independent_marks, marks_of, wants_independent_mark
from lti_tool.grading.marking_form import TickInput
from lti_tool.grading.models import Review, Rubric, Submission, Tick
from lti_tool.grading.questions.models import QuestionTick

NOTHING = "0"


class Closed(StrEnum):
    """Why the questions of a work are marked no more one by one."""

    OWN = "own"
    APPROVED = "approved"
    SEALED = "sealed"
    OTHER_RUBRIC = "other_rubric"


@dataclass(frozen=True, kw_only=True)
class GivenTick:
    """What was chosen on a criterion."""

    criterion_id: int
    level_id: int | None
    points: Decimal
    comment: str
    evidence: tuple[str, ...] = ()

    @property
    def as_input(self) -> TickInput:
        return TickInput(level_id=self.level_id, points=self.points, comment=self.comment, evidence=self.evidence)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One work. `seen` are the signs by which a form says what it has seen; `decided` is what whole ticks became."""

    ticks: Mapping[int, GivenTick] = field(default_factory=dict)
    seen: Mapping[int, str] = field(default_factory=dict)
    closed: Closed | None = None
    decided: Review | IndependentMark | None = None
    owner_id: int | None = None

    def seen_of(self, criterion_id: int) -> str:
        return self.seen.get(criterion_id, NOTHING)

    def needs(self, criterion_id: int) -> bool:
        return self.closed is None and criterion_id not in self.ticks


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What is kept about some works."""

    reviews: Mapping[UUID, Review]
    marks: Mapping[UUID, Sequence[IndependentMark]]
    rows: Mapping[UUID, Sequence[QuestionTick]]
    approved: frozenset[int]


def standing_of(session: Session, viewer: Viewer, placement: Placement, rubric: Rubric, work: Submission) -> Standing:
    """One work, as the viewer may know it."""
    return standings(session, viewer, placement, rubric, [work])[work.id]


def standings(
    session: Session, viewer: Viewer, placement: Placement, rubric: Rubric, works: Sequence[Submission]
) -> dict[UUID, Standing]:
    """Each work: of two who mark independently, each sees their own ticks alone."""
    found = _find(session, placement, works)
    return {work.id: _standing(viewer, placement, rubric, work, found) for work in works}


def _standing(viewer: Viewer, placement: Placement, rubric: Rubric, work: Submission, found: _Found) -> Standing:
    review, marks = found.reviews.get(work.id), found.marks.get(work.id, ())
    wants_mark = wants_independent_mark(placement, marks, review)
    own = next((mark for mark in marks if mark.marker_id == viewer.person_id), None)
    decided = own if wants_mark else review
    owner_id = viewer.person_id if wants_mark else None
    closed = _closed(viewer, rubric, work, decided, found)
    if closed is None and review is None and len(marks) >= BOTH:
        closed = Closed.SEALED
    if decided is None or decided.rubric_id != rubric.id:
        rows = [row for row in found.rows.get(work.id, ()) if row.owner_id == owner_id]
        return _of_rows(rows, rubric, Standing(closed=closed, decided=decided, owner_id=owner_id))
    sign = f"{'mark' if wants_mark else 'review'}:{decided.version}"
    return Standing(
        ticks={tick.criterion_id: given(tick) for tick in decided.ticks},
        seen={tick.criterion_id: sign for tick in decided.ticks},
        closed=closed,
        decided=decided,
        owner_id=owner_id,
    )


def given(tick: QuestionTick | Tick | IndependentTick) -> GivenTick:
    """The choice of a row of any of the tables that hold ticks."""
    return GivenTick(
        criterion_id=tick.criterion_id,
        level_id=tick.level_id,
        points=tick.points,
        comment=tick.comment,
        evidence=() if isinstance(tick, QuestionTick) else tuple(tick.evidence),
    )


def _of_rows(rows: Sequence[QuestionTick], rubric: Rubric, empty: Standing) -> Standing:
    """A tick on a criterion of an older rubric is none on this one."""
    current = {criterion.id for criterion in rubric.criteria}
    here = [row for row in rows if row.criterion_id in current]
    return Standing(
        ticks={row.criterion_id: given(row) for row in here},
        seen={row.criterion_id: f"{row.id}:{row.version}" for row in here},
        closed=empty.closed,
        decided=empty.decided,
        owner_id=empty.owner_id,
    )


def _closed(
    viewer: Viewer, rubric: Rubric, work: Submission, decided: Review | IndependentMark | None, found: _Found
) -> Closed | None:
    if work.person_id == viewer.person_id:
        return Closed.OWN
    if work.person_id in found.approved:
        return Closed.APPROVED
    return Closed.OTHER_RUBRIC if decided is not None and decided.rubric_id != rubric.id else None


def _find(session: Session, placement: Placement, works: Sequence[Submission]) -> _Found:
    ids = [work.id for work in works]
    reviews = session.scalars(
        select(Review)
        .where(Review.submission_id.in_(ids))
        .ext(distinct_on(Review.submission_id))
        .order_by(Review.submission_id, Review.version.desc())
    )
    rows: dict[UUID, list[QuestionTick]] = {}
    kept = select(QuestionTick).where(QuestionTick.submission_id.in_(ids)).order_by(QuestionTick.id)
    for row in session.scalars(kept):
        rows.setdefault(row.submission_id, []).append(row)
    approved = (
        select(Grade.person_id)
        .join(Approval, and_(Approval.grade_id == Grade.id, Approval.grade_version == Grade.version))
        .where(Grade.placement_id == placement.id, Grade.person_id.in_([work.person_id for work in works]))
    )
    return _Found(
        reviews={review.submission_id: review for review in reviews},
        marks=_marks(session, placement, works),
        rows=rows,
        approved=frozenset(session.scalars(approved)),
    )


def _marks(
    session: Session, placement: Placement, works: Sequence[Submission]
) -> Mapping[UUID, Sequence[IndependentMark]]:
    if not marking_options(placement).has_two_markers:
        return {}
    if len(works) == 1:
        return {works[0].id: marks_of(session, works[0])}
    return independent_marks(session, placement)
