"""What the marking desk says of work that came from Moodle: where it lies there, and what could not be fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course
from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.models import Submission


@dataclass(frozen=True, kw_only=True)
class WorkOrigin:
    """`url` leads to the assignment and never to the person: Moodle itself decides whose name it shows."""

    url: str
    attempt: int
    group_name: str
    left_out: Sequence[Mapping[str, Any]]
    is_blind: bool


def find_origin(session: Session, submission: Submission) -> WorkOrigin | None:
    """None for work that was handed in here."""
    row = session.execute(
        select(PulledWork, MoodleAssignment, Course)
        .join(MoodleAssignment, MoodleAssignment.id == PulledWork.moodle_assignment_id)
        .join(Course, Course.id == MoodleAssignment.course_id)
        .where(PulledWork.submission_id == submission.id)
    ).first()
    if row is None:
        return None
    work, assignment, course = row
    issuer = course.deployment.registration.platform.issuer.rstrip("/")
    return WorkOrigin(
        url=f"{issuer}/mod/assign/view.php?id={assignment.module}&action=grading",
        attempt=work.attempt + 1,
        group_name=work.group_name,
        left_out=work.left_out,
        is_blind=assignment.is_blind,
    )
