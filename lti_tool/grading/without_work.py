"""A grade for a student who has handed in nothing here: an oral answer, work on paper, or nought."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.marks import record_marks
from lti_tool.gradebook.models import Grade
from lti_tool.grading.activities import lock_work
from lti_tool.grading.assignments.fillings import require_unfilled
from lti_tool.grading.marking_form import read_points
from lti_tool.grading.submissions import attempts_of


@dataclass(frozen=True, kw_only=True)
class PlainMarks:
    """What the form says; `seen` is the version of the grade that stood in it, 0 for none."""

    person_id: int
    points: Decimal | None
    comment: str
    seen: int


def read_marks(fields: Mapping[str, str]) -> PlainMarks:
    """The form as one value; raises InvalidInput."""
    return PlainMarks(
        person_id=_whole(fields.get("student", "")),
        points=read_points(fields.get("points", "")),
        comment=fields.get("feedback", "").replace("\r\n", "\n"),
        seen=_whole(fields.get("seen", "")),
    )


def grade_without_work(session: Session, viewer: Viewer, placement: Placement, marks: PlainMarks) -> Grade:
    """Keep a draft grade; raises InvalidInput where there is work to mark, or somebody graded meanwhile."""
    lock_work(session, placement, marks.person_id)
    if attempts_of(session, viewer, marks.person_id):
        raise InvalidInput("submission_arrived", "The student has handed in meanwhile. Mark that work.")
    require_unfilled(session, placement)
    if marks.points is None:
        raise InvalidInput("points_missing", "Give the points.")
    return record_marks(
        session,
        viewer,
        placement_id=placement.id,
        person_id=marks.person_id,
        points=marks.points,
        comment=marks.comment,
        seen=marks.seen,
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
