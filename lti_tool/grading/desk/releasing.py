"""What can be approved or released with others, and an approval taken back before its release."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.gradebook.looks import seen_grades
from lti_tool.gradebook.release import withdraw
from lti_tool.grading.models import Review, Tick
from lti_tool.grading.pagemarks.keeping import keep, kept_marks
from lti_tool.grading.queue import QueueRow, WorkState
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.submissions import latest_submissions


def ready_to_approve(session: Session, placement: Placement, rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Marked, not approved, and seen by a person since."""
    return _seen(session, placement, rows, WorkState.TO_APPROVE)


def ready_to_release(session: Session, placement: Placement, rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Approved, waiting, and seen by a person."""
    return _seen(session, placement, rows, WorkState.HELD)


def take_back(session: Session, viewer: Viewer, placement: Placement, grade_id: int, version: int) -> None:
    """Undo an approval that waits: the marks stand again as a draft. Raises InvalidInput."""
    grade = withdraw(session, viewer, grade_id, version=version)
    submission = latest_submissions(session, placement).get(grade.person_id)
    review = latest_review(session, submission) if submission else None
    if submission and review and review.grade_version == grade.version - 1:
        again = _again(review, grade.version)
        session.add(again)
        session.flush()
        keep(session, again, kept_marks(session, review))


def _again(review: Review, grade_version: int) -> Review:
    """The same decision for the next version of the grade, which nobody has approved."""
    ticks = [
        Tick(
            criterion_id=tick.criterion_id,
            level_id=tick.level_id,
            points=tick.points,
            comment=tick.comment,
            evidence=tick.evidence,
        )
        for tick in review.ticks
    ]
    return Review(
        submission_id=review.submission_id,
        version=review.version + 1,
        marker_id=review.marker_id,
        rubric_id=review.rubric_id,
        grade_id=review.grade_id,
        grade_version=grade_version,
        points=review.points,
        feedback=review.feedback,
        ticks=ticks,
    )


def _seen(session: Session, placement: Placement, rows: Sequence[QueueRow], state: WorkState) -> list[QueueRow]:
    seen = seen_grades(session, placement.id)
    found = [row for row in rows if row.state is state and not row.graded.is_own and not row.has_lost_work]
    return [row for row in found if row.graded.grade is not None and row.graded.grade.id in seen]
