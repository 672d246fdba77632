"""A teacher grades a paper: points and a comment go to the gradebook, and only an approval sends them on."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.marks import record_marks
from lti_tool.gradebook.models import Grade
from lti_tool.gradebook.overview import GradeState
from lti_tool.scans.board import Board, board
from lti_tool.scans.models import Paper
from lti_tool.scans.papers import paper_for
from lti_tool.scans.states import SHOWN

UNAPPROVED = frozenset({GradeState.NONE, GradeState.DRAFT, GradeState.CHANGED})


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What the marking form says; `seen_version` is the grade that stood in it, 0 for none."""

    points: Decimal
    comment: str
    seen_version: int


def read_points(text: str) -> Decimal:
    """Points as typed, with a point or a comma; the gradebook checks their range."""
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise InvalidInput("points_malformed", "Write the points as a number.") from error


def mark(session: Session, viewer: Viewer, paper: Paper, marks: Marks) -> Grade:
    """Keep points and comment as a draft, unless somebody graded the paper meanwhile."""
    paper = paper_for(session, viewer, paper.id, lock=True)
    if paper.state not in SHOWN or paper.person_id is None:
        raise InvalidInput("paper_not_shown", "Only a paper that was released to its student can be graded.")
    return record_marks(
        session,
        viewer,
        placement_id=paper.placement_id,
        person_id=paper.person_id,
        points=marks.points,
        comment=marks.comment,
        seen=marks.seen_version,
    )


def mark_and_approve(session: Session, viewer: Viewer, paper: Paper, marks: Marks) -> None:
    """Keep the marks and send them on."""
    grade = mark(session, viewer, paper, marks)
    approve(session, viewer, grade, version=grade.version)


def next_to_grade(session: Session, viewer: Viewer, after: Paper) -> Paper | None:
    """The next paper without an approved grade, in the order of the list and round to its beginning."""
    if not viewer.may(Capability.GRADE):
        return None
    now = board(session, viewer)
    ids = [paper.id for paper in now.shown]
    start = ids.index(after.id) + 1 if after.id in ids else 0
    in_order = now.shown[start:] + now.shown[:start]
    return next((paper for paper in in_order if paper.id != after.id and _waits(now, paper)), None)


def _waits(now: Board, paper: Paper) -> bool:
    row = now.grades.get(paper.person_id or 0)
    return row is not None and row.state in UNAPPROVED and not row.is_own
