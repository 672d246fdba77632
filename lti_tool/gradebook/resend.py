"""What a teacher may do about a push: send it again, or have the platform asked what it shows now."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.grades import check_not_own, grade_for, graded_placement
from lti_tool.gradebook.models import Grade, Push, PushStatus
from lti_tool.gradebook.outbox import queue
from lti_tool.gradebook.release import released_approval
from lti_tool.gradebook.tasks import nudge


def resend(session: Session, viewer: Viewer, grade_id: int) -> None:
    """Send the latest released approval of a grade once more; raises InvalidInput when there is none."""
    grade = grade_for(session, viewer, grade_id)
    check_not_own(viewer, grade.person_id)
    approval = released_approval(session, grade)
    if approval is None:
        raise InvalidInput("grade_unapproved", "This grade is not approved and released yet.")
    queue(session, grade, approval)
    nudge(session)
    audit.by(
        session,
        viewer,
        "grade.resent",
        object_type="grade",
        object_id=grade.id,
        details={"version": approval.grade_version},
    )


def ask_moodle(session: Session, assignment_id: int) -> None:
    """Have every grade that was sent to a Moodle assignment read back again."""
    session.execute(
        update(Push)
        .where(
            Push.moodle_assignment_id == assignment_id,
            Push.status.in_([PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN]),
        )
        .values(is_result_due=True)
    )
    nudge(session)


def ask_platform(session: Session, viewer: Viewer, placement_id: UUID) -> None:
    """Have every sent grade of a placement read back again."""
    placement = graded_placement(session, viewer, placement_id)
    grades = select(Grade.id).where(Grade.placement_id == placement.id)
    session.execute(
        update(Push)
        .where(Push.grade_id.in_(grades), Push.status.in_([PushStatus.SUCCEEDED, PushStatus.OVERRIDDEN]))
        .values(is_result_due=True)
    )
    nudge(session)
