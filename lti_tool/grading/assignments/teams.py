"""Work that a group handed in to Moodle together: whose else it is, as it stands for each of them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lti_tool.gradebook.assignments.models import MoodleAssignment
from lti_tool.grading.assignments.models import PulledWork
from lti_tool.grading.models import Submission


def same_work_of_others(session: Session, submission: Submission) -> Sequence[Submission]:
    """The same state of the group's work, for each of its other members; nothing for work of one person."""
    own, other = aliased(PulledWork), aliased(PulledWork)
    return session.scalars(
        select(Submission)
        .join(other, other.submission_id == Submission.id)
        .join(own, own.moodle_assignment_id == other.moodle_assignment_id)
        .join(MoodleAssignment, MoodleAssignment.id == own.moodle_assignment_id)
        .where(
            own.submission_id == submission.id,
            MoodleAssignment.is_team,
            other.number == own.number,
            other.changed_at == own.changed_at,
            Submission.id != submission.id,
        )
        .order_by(Submission.person_id)
    ).all()
