"""The marking queue: every student with the latest attempt, where its grade is, and whether a regrade is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Person, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.anonymity import is_hidden, shown_name
from lti_tool.gradebook.overview import GradeRow, GradeState, grade_rows
from lti_tool.grading.agreement.order import Priority
from lti_tool.grading.models import RegradeRequest, Review, Submission
from lti_tool.grading.regrades import open_regrades
from lti_tool.grading.submissions import latest_submissions
from lti_tool.grading.withdrawing import grades_without_their_work


class WorkState(StrEnum):
    """Where a student's work is, in the order of a marker's day."""

    TO_MARK = "to_mark"
    TO_DECIDE = "to_decide"
    TO_APPROVE = "to_approve"
    HELD = "held"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NONE = "none"


GRADED: dict[GradeState, WorkState] = {
    GradeState.NONE: WorkState.NONE,
    GradeState.DRAFT: WorkState.TO_APPROVE,
    GradeState.CHANGED: WorkState.TO_APPROVE,
    GradeState.HELD: WorkState.HELD,
    GradeState.UNLINKED: WorkState.FAILED,
    GradeState.WAITING: WorkState.WAITING,
    GradeState.SENDING: WorkState.WAITING,
    GradeState.SENT: WorkState.SENT,
    GradeState.OVERRIDDEN: WorkState.SENT,
    GradeState.FAILED: WorkState.FAILED,
}
NEEDS_MARKER = frozenset({WorkState.TO_MARK, WorkState.TO_DECIDE, WorkState.TO_APPROVE})


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One student of the queue. `priority` is why it stands where it does, in the order that asks for that.

    Where two mark, `is_independent`: a mark is awaited, `is_with_other`: but not the viewer's own, which is in, and
    `is_to_decide`: both are in, and nobody has made one of them.
    `has_lost_work`: the grade as it stands was given for work that was withdrawn since.
    """

    graded: GradeRow
    submission: Submission | None
    is_marked: bool
    regrade: RegradeRequest | None
    is_independent: bool = False
    is_with_other: bool = False
    is_to_decide: bool = False
    priority: Priority | None = None
    has_lost_work: bool = False

    @property
    def person(self) -> Person:
        return self.graded.person

    @property
    def name(self) -> str:
        """A code where whoever marks must not know whose work it is."""
        return self.graded.name

    @property
    def state(self) -> WorkState:
        if self.submission is not None and not self.is_marked:
            return WorkState.TO_DECIDE if self.is_to_decide else WorkState.TO_MARK
        return GRADED[self.graded.state]

    @property
    def needs_marker(self) -> bool:
        has_question = self.state in NEEDS_MARKER or self.regrade is not None
        return self.submission is not None and not self.graded.is_own and not self.is_with_other and has_question

    @property
    def may_be_graded_so(self) -> bool:
        """Without work: by anybody but the person graded."""
        return self.submission is None and not self.graded.is_own


def queue_rows(session: Session, viewer: Viewer, placement: Placement) -> list[QueueRow]:
    """The students by name, then whoever handed in and has left the course since; for who may grade."""
    rows = grade_rows(session, viewer, placement.id)
    submissions = latest_submissions(session, placement)
    missing = set(submissions) - {row.person.id for row in rows}
    rows += [_left(person, viewer, placement) for person in _people(session, missing)]
    marked = _marked(session, list(submissions.values()))
    regrades = open_regrades(session, placement)
    lost = grades_without_their_work(session, placement)
    return [
        QueueRow(
            graded=row,
            submission=submissions.get(row.person.id),
            is_marked=row.person.id in submissions and submissions[row.person.id].id in marked,
            regrade=regrades.get(row.person.id),
            has_lost_work=row.person.id in lost,
        )
        for row in rows
    ]


def next_in_queue(rows: Sequence[QueueRow], person_id: int) -> Submission | None:
    """Whose work comes after this person's: the next that needs a marker, from the top again at the end."""
    return next((row.submission for row in _after(rows, person_id) if row.needs_marker), None)


def previous_in_queue(rows: Sequence[QueueRow], person_id: int) -> Submission | None:
    """Whose work stands before this person's, whether or not it needs a marker: to look at it again."""
    return next((row.submission for row in reversed(_after(rows, person_id)) if row.submission is not None), None)


def _after(rows: Sequence[QueueRow], person_id: int) -> list[QueueRow]:
    """All others, from the one behind this person on, from the top again at the end."""
    places = [number for number, row in enumerate(rows) if row.person.id == person_id]
    start = places[0] + 1 if places else 0
    return [row for row in [*rows[start:], *rows[:start]] if row.person.id != person_id]


def _marked(session: Session, submissions: Sequence[Submission]) -> set[object]:
    ids = [submission.id for submission in submissions]
    return set(session.scalars(select(Review.submission_id).where(Review.submission_id.in_(ids))))


def _people(session: Session, ids: set[int]) -> Sequence[Person]:
    return session.scalars(select(Person).where(Person.id.in_(ids)).order_by(func.lower(Person.name), Person.id)).all()


def _left(person: Person, viewer: Viewer, placement: Placement) -> GradeRow:
    return GradeRow(
        person=person,
        grade=None,
        approval=None,
        approved_by=None,
        push=None,
        is_own=person.id == viewer.person_id,
        name=shown_name(placement, person, is_released=False),
        is_hidden=is_hidden(placement, is_released=False),
    )
