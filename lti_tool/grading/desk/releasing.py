"""Many at once, and back again: approve or release what a person has opened, and take an approval back before that."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.release import current_approval, held_grades, release, withdraw
from lti_tool.grading.desk.looking import opened_by_somebody
from lti_tool.grading.models import Review, Tick
from lti_tool.grading.queue import QueueRow, WorkState
from lti_tool.grading.reviewing import latest_review
from lti_tool.grading.submissions import latest_submissions


def ready_to_approve(session: Session, rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Marked, not approved, and seen by a person since."""
    return _seen(session, [row for row in rows if row.state is WorkState.TO_APPROVE and not row.graded.is_own])


def ready_to_release(session: Session, rows: Sequence[QueueRow]) -> list[QueueRow]:
    """Approved, waiting, and seen by a person; a grade without work has nothing to open."""
    return _seen(session, [row for row in rows if row.state is WorkState.HELD and not row.graded.is_own])


def approve_rows(
    session: Session, viewer: Viewer, rows: Sequence[QueueRow], versions: Collection[tuple[int, int]]
) -> int:
    """Approve these (grade, version); raises InvalidInput for one that nobody has opened or that was changed.

    A second click names what is approved by now, and changes nothing.
    """
    ready = {row.graded.grade.id: row.graded.grade for row in ready_to_approve(session, rows) if row.graded.grade}
    approved = (row.graded.approval for row in rows if not row.graded.can_be_approved)
    done = {(approval.grade_id, approval.grade_version) for approval in approved if approval}
    for grade_id, version in sorted(set(versions) - done):
        if grade_id not in ready:
            raise InvalidInput("row_unopened", "Open the work before you approve its grade.")
        approve(session, viewer, ready[grade_id], version=version)
    return len(versions)


def release_rows(session: Session, viewer: Viewer, placement: Placement, rows: Sequence[QueueRow]) -> int:
    """Release everything that waits and that a person has opened, in one step. How many."""
    ready = {row.graded.grade.id for row in ready_to_release(session, rows) if row.graded.grade}
    released = 0
    for grade in held_grades(session, viewer, placement):
        approval = current_approval(session, grade)
        if grade.id in ready and approval is not None:
            release(session, viewer, grade, approval)
            released += 1
    return released


def take_back(session: Session, viewer: Viewer, placement: Placement, grade_id: int) -> None:
    """Undo an approval that waits: the marks stand again as a draft. Raises InvalidInput."""
    grade = withdraw(session, viewer, grade_id)
    submission = latest_submissions(session, placement).get(grade.person_id)
    review = latest_review(session, submission) if submission else None
    if submission and review and review.grade_version == grade.version - 1:
        session.add(_again(review, grade.version))
        session.flush()


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


def _seen(session: Session, rows: Sequence[QueueRow]) -> list[QueueRow]:
    opened = opened_by_somebody(session, [row.submission.id for row in rows if row.submission])
    return [row for row in rows if row.submission is None or row.submission.id in opened]
