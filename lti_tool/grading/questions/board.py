"""The works of a marker's share by questions: how many of each question are done, and the sums so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.grading.desk.waiting import own_share, waiting_rows
from lti_tool.grading.models import Criterion, Rubric, Submission
from lti_tool.grading.questions.pages import pages_of_questions
from lti_tool.grading.questions.standing import Closed, Standing, standings
from lti_tool.grading.queue import QueueRow
from lti_tool.grading.rubrics.scoring import grade_points


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """One work: its ticks, and what they come to; `is_whole` when no question is left."""

    row: QueueRow
    work: Submission
    standing: Standing
    total: Decimal
    is_whole: bool


@dataclass(frozen=True, kw_only=True)
class Question:
    """One criterion through all works; those that are marked as a whole count as done."""

    number: int
    criterion: Criterion
    pages: range | None
    done: int
    all: int
    first: Submission | None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything about an activity's questions, in the order of the queue."""

    questions: Sequence[Question]
    works: Sequence[WorkRow]

    def question_of(self, criterion_id: int) -> Question | None:
        return next((one for one in self.questions if one.criterion.id == criterion_id), None)

    def after(self, criterion_id: int, work: Submission) -> Submission | None:
        """The next work that needs this question marked, from the top again at the end."""
        return _first_open(self._others(work), criterion_id)

    def before(self, work: Submission) -> Submission | None:
        """The work before this one, whether it needs anything or not."""
        others = self._others(work)
        return others[-1].work if others else None

    def _others(self, work: Submission) -> list[WorkRow]:
        places = [number for number, row in enumerate(self.works) if row.work.id == work.id]
        start = places[0] + 1 if places else 0
        return [row for row in [*self.works[start:], *self.works[:start]] if row.work.id != work.id]


def board_of(session: Session, viewer: Viewer, placement: Placement, rubric: Rubric) -> Board:
    """For who may grade; one's own work is left out."""
    rows = own_share(session, viewer, placement, waiting_rows(session, viewer, placement))
    with_work = [(row, row.submission) for row in rows if row.submission is not None and not row.graded.is_own]
    found = standings(session, viewer, placement, rubric, [work for _, work in with_work])
    works = [_work_row(row, work, found[work.id], rubric, placement) for row, work in with_work]
    pages = pages_of_questions(session, rubric)
    return Board(
        works=works,
        questions=[
            _question(number, criterion, pages.get(criterion.id), works)
            for number, criterion in enumerate(rubric.criteria, start=1)
        ],
    )


def _work_row(row: QueueRow, work: Submission, standing: Standing, rubric: Rubric, placement: Placement) -> WorkRow:
    points = {criterion_id: tick.points for criterion_id, tick in standing.ticks.items()}
    is_elsewhere = standing.closed is Closed.OTHER_RUBRIC and standing.decided is not None
    total = standing.decided.points if is_elsewhere and standing.decided else None
    return WorkRow(
        row=row,
        work=work,
        standing=standing,
        total=grade_points(rubric, points, maximum=placement.points or rubric.points) if total is None else total,
        is_whole=is_elsewhere or set(points) == {criterion.id for criterion in rubric.criteria},
    )


def _question(number: int, criterion: Criterion, pages: range | None, works: Sequence[WorkRow]) -> Question:
    left = [row for row in works if row.standing.needs(criterion.id)]
    return Question(
        number=number,
        criterion=criterion,
        pages=pages,
        done=len(works) - len(left),
        all=len(works),
        first=_first_open(works, criterion.id),
    )


def _first_open(works: Sequence[WorkRow], criterion_id: int) -> Submission | None:
    return next((row.work for row in works if row.standing.needs(criterion_id)), None)
