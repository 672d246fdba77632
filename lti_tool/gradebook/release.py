"""The last step of a grade: an approval is released to student and platform, or withdrawn before that."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput
from lti_tool.gradebook.grades import check_not_own, grade_for
from lti_tool.gradebook.looks import carry_looks
from lti_tool.gradebook.models import Approval, ApprovalEnd, End, Grade
from lti_tool.gradebook.outbox import queue
from lti_tool.gradebook.tasks import nudge


def release(session: Session, viewer: Viewer, grade: Grade, approval: Approval) -> None:
    """Show the approval to the student and queue its push. A second click changes nothing; raises InvalidInput."""
    check_not_own(viewer, grade.person_id)
    kind, is_new = _end(session, viewer, approval, End.RELEASED)
    if kind is End.WITHDRAWN:
        raise InvalidInput("approval_withdrawn", "This approval was withdrawn meanwhile. Approve the grade again.")
    if is_new:
        queue(session, grade, approval)
        nudge(session)
        _tell(session, viewer, approval, "grade.released")


def withdraw(session: Session, viewer: Viewer, grade_id: int, *, version: int) -> Grade:
    """Take back what waits for its release: the grade becomes a new draft of the same words. Raises InvalidInput.

    `version` is the one that the viewer looked at; a second click changes nothing.
    """
    grade = grade_for(session, viewer, grade_id)
    check_not_own(viewer, grade.person_id)
    approval = approval_of(session, grade, version)
    if grade.version != version:
        _require_withdrawn_just_now(session, grade, approval)
        return grade
    if approval is None:
        raise InvalidInput("grade_unapproved", "Nobody has approved this grade yet.")
    kind, is_new = _end(session, viewer, approval, End.WITHDRAWN)
    if kind is End.RELEASED:
        raise InvalidInput("grade_released", "This grade was released already. Mark it again to change it.")
    if is_new:
        grade.version += 1
        grade.recorded_by_id, grade.recorded_at = viewer.person_id, now()
        session.flush()
        carry_looks(session, grade)
        _tell(session, viewer, approval, "grade.withdrawn")
    return grade


def held_grades(session: Session, viewer: Viewer, placement: Placement) -> Sequence[Grade]:
    """What is approved and waits for its release, without the viewer's own."""
    waiting = (
        select(Grade)
        .join(Approval, (Approval.grade_id == Grade.id) & (Approval.grade_version == Grade.version))
        .where(
            Grade.placement_id == placement.id,
            Grade.person_id != viewer.person_id,
            ~exists().where(ApprovalEnd.approval_id == Approval.id),
        )
    )
    return session.scalars(waiting.order_by(Grade.id)).all()


def current_approval(session: Session, grade: Grade) -> Approval | None:
    """The approval of the grade as it stands."""
    return approval_of(session, grade, grade.version)


def approval_of(session: Session, grade: Grade, version: int) -> Approval | None:
    """The approval of this version of a grade."""
    return session.scalar(select(Approval).where(Approval.grade_id == grade.id, Approval.grade_version == version))


def released_approval(session: Session, grade: Grade) -> Approval | None:
    """The last one that was released; the grade's current version may be newer."""
    return session.scalar(
        select(Approval)
        .join(ApprovalEnd, ApprovalEnd.approval_id == Approval.id)
        .where(Approval.grade_id == grade.id, ApprovalEnd.kind == End.RELEASED)
        .order_by(Approval.grade_version.desc())
        .limit(1)
    )


def _require_withdrawn_just_now(session: Session, grade: Grade, approval: Approval | None) -> None:
    end = session.get(ApprovalEnd, approval.id) if approval else None
    is_next = approval is not None and grade.version == approval.grade_version + 1
    if not is_next or end is None or end.kind != End.WITHDRAWN:
        raise InvalidInput("grade_changed", "This grade was changed meanwhile. Look at it again before you undo it.")


def _end(session: Session, viewer: Viewer, approval: Approval, kind: End) -> tuple[End, bool]:
    """The one end of an approval, and whether it is this call's."""
    added = session.scalar(
        insert(ApprovalEnd)
        .values(approval_id=approval.id, kind=kind, ended_by_id=viewer.person_id, ended_at=now())
        .on_conflict_do_nothing()
        .returning(ApprovalEnd.kind)
    )
    if added is not None:
        return kind, True
    return End(session.scalars(select(ApprovalEnd.kind).where(ApprovalEnd.approval_id == approval.id)).one()), False


def _tell(session: Session, viewer: Viewer, approval: Approval, action: str) -> None:
    audit.by(
        session,
        viewer,
        action,
        object_type="grade",
        object_id=approval.grade_id,
        details={"version": approval.grade_version},
    )
